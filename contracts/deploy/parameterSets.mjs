// The parameters of a deployment, by name. Amounts are decimal strings of wei (they exceed what JSON numbers hold),
// periods are rounds, shares are parts per million, rates per round are rays (1e27 = 1), lengths and delays are seconds.

/** What `CPUTranscoding` is, word for word as sdk/src/payments/exactService.ts has it: pinned, so that it can be repeated to the byte. */
const exactService =
  'CPUTranscoding 1: each segment by itself, from header and bytes alone, to H.264 at the rate that the header states; ' +
  'scale bicubic+accurate_rnd+full_chroma_int+bitexact; ' +
  'x264 - core 164 r3095 baee400, trial e0ad60e129c64d03, ultrafast zerolatency baseline threads=1:lookahead-threads=1:sliced-threads=0:sync-lookahead=0:cpu-independent=1:scenecut=0:bframes=0, maxrate 120 %, buffer 2 s; ' +
  'SHA-256 of avcC and pictures'

/**
 * Services with a bit in the registry's pages; an id is keccak256 of the description. With slash and bounty (ppm) where a verdict can be
 * computed: only what comes out the same everywhere may cost stake, so every other service is judged by nobody.
 */
const services = [
  { description: 'Transcoding' },
  { description: exactService, slashRate: 100_000, bountyRate: 250_000 },
  ...['GPUTranscoding', 'SegmentVerification', 'H264 1080p → 720p', 'H264 720p → 360p'].map((description) => ({ description })),
]

const regions = ['eu-west', 'eu-central', 'us-east', 'us-west', 'ap-south', 'ap-northeast', 'sa-east', 'local']

/** For a network on one machine: rounds of ten minutes, a minimum stake that one account can bond at once. */
const local = {
  governance: { adminDelay: 0, governorDelay: 0 },
  rounds: { length: 600 },
  token: { initialSupply: '10000000000000000000000000' },
  staking: {
    minimumStake: '1000000000000000000000',
    minimumSelfStake: '100000000000000000000',
    unbondingPeriod: 7,
    maxCommissionStep: 100_000,
    inflation: '10000000000000000000000',
    inflationChange: '100000000000000000000',
    maxInflation: '100000000000000000000000',
    targetBondingRate: '500000000000000000000000000',
  },
  ticketBroker: { ticketValidityPeriod: 2, unlockPeriod: 2, escrowBurnShare: 1_000_000 },
  challenges: { bond: '50000000000000000', priority: 1, window: 2, answerPeriod: 2, appealPeriod: 1, attesterShare: 200_000 },
  services,
  regions,
}

/** For a public test network: rounds of six hours, so that a ticket lives at least as long. */
const testnet = {
  governance: { adminDelay: 172_800, governorDelay: 86_400 },
  rounds: { length: 21_600 },
  token: { initialSupply: '10000000000000000000000000' },
  staking: {
    minimumStake: '10000000000000000000000',
    minimumSelfStake: '1000000000000000000000',
    unbondingPeriod: 28,
    maxCommissionStep: 50_000,
    inflation: '100000000000000000000000',
    inflationChange: '1000000000000000000000',
    maxInflation: '1000000000000000000000000',
    targetBondingRate: '500000000000000000000000000',
  },
  ticketBroker: { ticketValidityPeriod: 2, unlockPeriod: 4, escrowBurnShare: 1_000_000 },
  challenges: { bond: '100000000000000000', priority: 2, window: 8, answerPeriod: 8, appealPeriod: 4, attesterShare: 200_000 },
  services,
  regions,
}

/** Parameters by name. */
export const parameterSets = { local, testnet }
