// What the tickets bench runs: checks of signed tickets beside viem's, acceptance into a real ledger, signing.
import { performance } from 'node:perf_hooks'
import { computeFee, emptyAccount, hashGrant, hashTicket, ticketStruct, type Ticket } from '@streamflow/sdk/payments'
import { decodeFrame, encodeControl, parseBroadcasterMessage, stringify, type WireTicket } from '@streamflow/sdk/protocol'
import { recoverTypedDataAddress } from 'viem'
import { createBundledCurve } from '../../orchestrator/src/adapters/signer/bundledCurve.js'
import { createTicketVerifier } from '../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import { judgeTicket } from '../../orchestrator/src/core/cashier/acceptance.js'
import { Commitments } from '../../orchestrator/src/core/cashier/commitments.js'
import { createNonceWindow } from '../../orchestrator/src/core/cashier/nonceWindow.js'
import { defaultPolicy } from '../../orchestrator/src/core/cashier/policy.js'
import { makeTill, testDomain } from './makeTill.js'
import type { SimulatedBroadcaster } from './SimulatedBroadcaster.js'

const pixels = 100_000_000n
const secondsOf = async (work: () => unknown): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1_000
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const hashOf = (grant: SimulatedBroadcaster['grant']): `0x${string}` => `0x${Buffer.from(hashGrant(testDomain, grant)).toString('hex')}`

function ticketOf(wire: WireTicket, broadcaster: SimulatedBroadcaster): Ticket {
  const { faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare } = wire
  return { recipient: broadcaster.terms.quote.recipient, sender: broadcaster.grant.sender, grant: hashOf(broadcaster.grant), faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare }
}

/**
 * The whole check of a ticket but for I/O (every step of acceptance, draw included), the native recovery of an
 * address, the same check with the library that npm brings, and viem's recovery, in short slices by turns: what else runs on the machine hits all three alike, and a median drops it.
 * @returns medians over the turns, tickets per second
 */
export async function measureChecks({ tickets, slice, viemSlice, turns }: { readonly tickets: number; readonly slice: number; readonly viemSlice: number; readonly turns: number }) {
  const { till, broadcaster, wires, circumstances } = await prepareChecks(tickets)
  const digest = hashTicket(testDomain, ticketOf(wires[0] as WireTicket, broadcaster))
  const { key } = broadcaster.grant
  let next = 0
  const turn = (count: number): number[] => Array.from({ length: count }, () => next++ % tickets)
  const judge = (indexes: readonly number[], by: typeof circumstances) => indexes.forEach((index) => judgeTicket(wires[index] as WireTicket, by))
  const ours = (indexes: readonly number[]) => judge(indexes, circumstances)
  const fallback = { ...circumstances, verifier: await createTicketVerifier(testDomain, createBundledCurve()) }
  const recovery = (indexes: readonly number[]) => indexes.forEach((index) => till.verifier.recover(digest, (wires[index] as WireTicket).signature))
  const viem = async (indexes: readonly number[]) => {
    for (const index of indexes) {
      const wire = wires[index] as WireTicket
      const signer = await recoverTypedDataAddress({ domain: viemDomain, types: viemTypes, primaryType: 'Ticket', message: { ...ticketOf(wire, broadcaster) }, signature: wire.signature })
      if (signer.toLowerCase() !== key) throw new RangeError('viem recovers another signer')
    }
  }
  ours(turn(tickets))
  judge(turn(tickets), fallback)
  await viem(turn(50))
  const seconds: { ours: number; viem: number; recovery: number; fallback: number }[] = []
  for (let count = 0; count < turns; count++) {
    const [mine, theirs, native, other] = [turn(slice), turn(viemSlice), turn(slice), turn(slice)]
    seconds.push({ ours: (await secondsOf(() => ours(mine))) / slice, viem: (await secondsOf(() => viem(theirs))) / viemSlice, recovery: (await secondsOf(() => recovery(native))) / slice, fallback: (await secondsOf(() => judge(other, fallback))) / slice })
  }
  await till.dispose()
  const medianOf = (what: keyof (typeof seconds)[number]) => median(seconds.map((each) => each[what]))
  const [own, their, native, other] = [medianOf('ours'), medianOf('viem'), medianOf('recovery'), medianOf('fallback')]
  return { verifiedPerSecond: 1 / own, viemPerSecond: 1 / their, recoveriesPerSecond: 1 / native, ratioToViem: their / own, recoveryRatioToViem: their / native, fallbackPerSecond: 1 / other, fallbackRatioToViem: their / other }
}

const viemDomain = { name: 'Streamflow', version: '1', chainId: testDomain.chainId, verifyingContract: testDomain.ticketBroker } as const
const viemTypes = { Ticket: ticketStruct.types['Ticket'] ?? [] }

async function prepareChecks(tickets: number) {
  const till = await makeTill()
  const broadcaster = await till.broadcaster()
  const { grant } = broadcaster
  const state = await till.chain.readState()
  const standing = await till.chain.readStanding(grant.sender, `0x${'0'.repeat(64)}`, grant.key)
  const commitments = new Commitments({ domain: testDomain, ledger: till.ledger, verifier: till.verifier, now: () => till.clock.now, randomBytes: (length) => new Uint8Array(length) })
  const wires = Array.from({ length: tickets }, () => broadcaster.sign(pixels))
  const estimate = computeFee(broadcaster.terms.quote.pricePerMillionPixels, pixels)
  const circumstances = { policy: { ...defaultPolicy, minimumEscrow: 0n, securedPercent: 0n }, verifier: till.verifier, commitments, state, funds: { standing, outstanding: { ofSender: 0n, ofGrant: 0n } }, nonces: createNonceWindow(), nowSeconds: till.clock.now, recipient: till.signer.address, grant, grantHash: hashOf(grant), account: emptyAccount, estimate }
  return { till, broadcaster, wires, circumstances }
}

/** From the bytes of `open` messages to durable acceptance: parse, check, commit, sync, in a file or in PostgreSQL. Streams take turns as they would. */
export async function measureAcceptance({ streams, ticketsPerStream, postgresUrl }: { readonly streams: number; readonly ticketsPerStream: number; readonly postgresUrl?: string }) {
  const till = await makeTill({ ...(postgresUrl !== undefined && { postgresUrl }) })
  const lanes = await Promise.all(
    Array.from({ length: streams }, async () => {
      const broadcaster = await till.broadcaster()
      const account = await till.cashier.openStream(broadcaster.terms)
      const value = computeFee(broadcaster.terms.quote.pricePerMillionPixels, pixels)
      const messages = Array.from({ length: ticketsPerStream }, (_, seq) => encodeControl(stringify({ type: 'open', seq, attempt: 0, startUs: seq * 2_000_000, ticket: broadcaster.signValue(value) })))
      return { account, messages }
    }),
  )
  let refused = 0
  const seconds = await secondsOf(() =>
    Promise.all(
      lanes.map(async ({ account, messages }) => {
        for (const bytes of messages) {
          const frame = decodeFrame(bytes)
          const message = frame.kind === 'control' ? parseBroadcasterMessage(frame.text) : undefined
          if (message?.type !== 'open') throw new RangeError('not an open message')
          await account.openSegment({ seq: message.seq, attempt: message.attempt, ticket: message.ticket, estimatedPixels: pixels }).catch(() => refused++)
        }
      }),
    ),
  )
  await till.dispose()
  return { acceptedPerSecond: (streams * ticketsPerStream - refused) / seconds, refused }
}

export { measureSigning } from './pageSigning.js'
