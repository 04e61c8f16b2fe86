// A sender's statement, held against what a real broker paid: anvil with the real contracts, the real cashier.
import { parseNetwork, type Network } from '@streamflow/sdk/chain'
import { getStatement } from '@streamflow/sdk/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ChainRig, face } from '../../payments/ChainRig.js'

const pixels = 1_000_000n
const certain = (1n << 256n) - 1n

let rig: ChainRig
let network: Network
beforeAll(async () => {
  rig = await ChainRig.start()
  const nobody = `0x${'0'.repeat(40)}`
  network = parseNetwork(JSON.stringify({ chainId: rig.domain.chainId, rpcUrls: [rig.rpcUrl], contracts: { token: nobody, ...rig.contracts } }))
})
afterAll(() => rig?.close())

it('names every winner that was paid, by whom it was asked for, and whether its ticket had been refused', async () => {
  const desk = await rig.openDesk()
  const startedAtMs = Date.now()
  const { broadcaster, account } = await rig.openStream(desk)
  await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
  await rig.untilConfirmed(desk, 1)
  const [winner] = desk.ledger.getWinners(['confirmed'])
  const { sender } = broadcaster.grant
  const orchestrator = desk.signer.address
  const read = (refused: readonly { hash: `0x${string}`; value: bigint; faceValue: bigint; round: bigint }[]) => {
    const site = { orchestrator, uri: '', segments: 1, tickets: 1, credited: face - 1n, fees: 5n, balance: face - 6n, sent: { tickets: 1, value: face - 1n }, refused }
    const entry = { streamId: broadcaster.streamId, chainId: network.chainId, sender, startedAtMs, updatedAtMs: startedAtMs, state: 'ended' as const, segmentsLost: 0, playbackUrl: '', sites: [site] }
    return getStatement({ network, sender, historyStore: { put: async () => undefined, list: async () => [entry] } })
  }
  const honest = await read([])
  expect(honest.redemptions).toMatchObject([{ orchestrator, ticketHash: winner?.ticketHash, faceValue: face, paid: face }])
  expect(honest.rows).toMatchObject([{ orchestrator, streams: 1, redemptions: 1, redeemed: face, refusedRedemptions: 0 }])
  const robbed = await read([{ hash: winner?.ticketHash as `0x${string}`, value: face - 1n, faceValue: face, round: 1n }])
  expect(robbed.total).toMatchObject({ refusedRedemptions: 1, refusedRedeemed: face })
  await desk.cashier.close()
})
