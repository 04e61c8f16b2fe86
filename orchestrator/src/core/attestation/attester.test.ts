import { createKeySigner, createPrivateKey, hashInput, hashLadder, hashOutputs, hashReceipt, hashVerdict, services, type KeySigner, type VerdictName } from '@streamflow/sdk/payments'
import { hashEvidence, type Evidence } from '@streamflow/sdk/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { Attester, type Attestation, type AttesterOptions, type WaitingChallenge } from './attester.js'

type Hex = `0x${string}`
const domain = { chainId: 31_337, ticketBroker: `0x${'b'.repeat(40)}` as Hex }
const challengeId: Hex = `0x${'1'.repeat(64)}`
const challenger: Hex = `0x${'c'.repeat(40)}`

let keys: readonly KeySigner[]
let evidence: Evidence
let challenge: WaitingChallenge

/** The world of one member: what is there is set by each test. */
class World {
  waiting: WaitingChallenge[] = [challenge]
  round = 5n
  found: Evidence | undefined = evidence
  verdict: 'guilty' | 'innocent' | undefined = 'guilty'
  others: Attestation[] = []
  readonly journal = new Map<Hex, Attestation>()
  readonly submitted: { verdict: VerdictName; attesters: readonly Hex[] }[] = []
  readonly told: string[] = []
  looked = 0

  /** A member that was just started. */
  start(self = 0): Attester {
    const key = keyOf(self)
    const options: AttesterOptions = {
      account: key.address, domain, sign: (digest) => key.sign(digest),
      chain: {
        listWaiting: async () => this.waiting,
        getRound: async () => this.round,
        getCommittee: async () => ({ threshold: 2, members: keys.slice(0, 3).map(({ address }) => ({ attester: address, signer: address })) }),
        submit: async ({ verdict, attestations }) => void this.submitted.push({ verdict, attesters: attestations.map(({ attester }) => attester) }),
      },
      evidence: { find: async () => this.found },
      judge: async () => {
        this.looked++
        return this.verdict
      },
      journal: {
        read: async (id) => this.journal.get(id),
        write: async (attestation) => {
          if (!this.journal.has(attestation.challengeId)) this.journal.set(attestation.challengeId, attestation)
          return this.journal.get(attestation.challengeId) as Attestation
        },
      },
      members: { ask: async () => this.others },
      events: {
        signed: ({ verdict }) => void this.told.push(`signed ${verdict}`), submitted: (_id, verdict) => void this.told.push(`submitted ${verdict}`),
        abstained: () => void this.told.push('abstained'), troubled: ({ message }) => void this.told.push(message),
      },
    }
    return new Attester(options)
  }
}

const keyOf = (index: number): KeySigner => keys[index] as KeySigner
const say = (index: number, verdict: VerdictName, by = index): Attestation => ({ attester: keyOf(index).address, challengeId, verdict, signature: keyOf(by).sign(hashVerdict(domain, { challengeId, verdict })) })

beforeEach(() => {
  // In ascending order, as their ranks are; the fourth is no member.
  keys = Array.from({ length: 4 }, () => createKeySigner(createPrivateKey())).sort((a, b) => (a.address < b.address ? -1 : 1))
  const ladder = [{ name: 'low', width: 160, height: 90, bitrate: 150_000 }]
  const [header, segment] = [new Uint8Array(4), new Uint8Array(9)]
  const outputs = [{ rendition: 'low', frames: 1, bytes: 1, hash: `0x${'7'.repeat(64)}` as Hex }]
  const receipt = {
    orchestrator: `0x${'a'.repeat(40)}` as Hex, broadcaster: challenger, serviceId: services.CPUTranscoding, streamId: challengeId, seq: 0, attempt: 0, ladderHash: hashLadder(ladder),
    inputHash: hashInput(header, segment), outputHash: hashOutputs(outputs), inputPixels: 1n, pixels: 1n, fee: 1n, balance: 0n, round: 5n,
  }
  evidence = { domain, receipt: { ...receipt, signature: keyOf(3).sign(hashReceipt(domain, receipt)) }, ladder, outputs, header, segment, renditions: [], reason: '', recordedAtMs: 0 }
  challenge = { challengeId, orchestrator: receipt.orchestrator, challenger, receiptHash: hashEvidence(evidence), urls: [], deadline: 7n }
})

describe('a committee member', () => {
  it('signs what it finds, and hands it in when enough have found the same', async () => {
    const world = new World()
    const attester = world.start()
    await attester.turn()
    expect(world.told).toEqual(['signed guilty'])
    world.others = [say(1, 'guilty')]
    await attester.turn()
    expect(world.submitted).toEqual([{ verdict: 'guilty', attesters: [keyOf(0).address, keyOf(1).address] }])
    expect(world.looked).toBe(1)
  })

  it('counts nobody twice, nobody who is no member, no signature of another key', async () => {
    const world = new World()
    const attester = world.start()
    world.others = [say(0, 'guilty'), say(3, 'guilty'), say(1, 'guilty', 2), say(2, 'innocent'), { ...say(1, 'guilty'), challengeId: `0x${'9'.repeat(64)}` }]
    for (let i = 0; i < 5; i++) await attester.turn()
    expect(world.submitted).toEqual([])
  })

  it('lets the others hand in first whose turn it is, and does it where they do not', async () => {
    const world = new World()
    const attester = world.start(1)
    world.others = [say(0, 'guilty')]
    await attester.turn()
    expect(world.submitted).toEqual([])
    await attester.turn()
    expect(world.submitted).toHaveLength(1)
  })

  it('waits for evidence until the last round, then says that it was withheld', async () => {
    const world = new World()
    world.found = undefined
    const attester = world.start()
    for (world.round = 5n; world.round < 7n; world.round++) await attester.turn()
    expect(world.told).toEqual([])
    await attester.turn()
    expect(world.told).toEqual(['signed unavailable'])
  })

  it('never says anything else than it said, whatever it is shown after a restart', async () => {
    const world = new World()
    world.found = undefined
    world.round = 7n
    await world.start().turn()
    world.found = evidence
    world.verdict = 'innocent'
    const again = world.start()
    await again.turn()
    expect([...world.journal.values()].map(({ verdict }) => verdict)).toEqual(['unavailable'])
    expect(world.looked).toBe(0)
  })

  it('takes evidence of another receipt for none', async () => {
    const world = new World()
    world.waiting = [{ ...challenge, receiptHash: `0x${'8'.repeat(64)}` }]
    await world.start().turn()
    expect(world.looked).toBe(0)
  })

  it('leaves to others what it cannot repeat, and asks no more', async () => {
    const world = new World()
    world.verdict = undefined
    const attester = world.start()
    await attester.turn()
    await attester.turn()
    expect(world.told).toEqual(['abstained'])
    expect(world.looked).toBe(1)
  })

  it('is silent in a case of its own', async () => {
    const world = new World()
    world.waiting = [{ ...challenge, orchestrator: keyOf(0).address }, { ...challenge, challenger: keyOf(0).address }]
    await world.start().turn()
    expect(world.looked + world.told.length).toBe(0)
  })

  it('goes on with the other challenges when one fails', async () => {
    const world = new World()
    const attester = world.start()
    world.waiting = [{ ...challenge, challengeId: `0x${'3'.repeat(64)}` }, challenge]
    let calls = 0
    Object.defineProperty(world, 'found', { get: () => {
      if (calls++ === 0) throw new Error('the disk is gone')
      return evidence
    } })
    await attester.turn()
    expect(world.told).toEqual(['the disk is gone', 'signed guilty'])
  })
})
