// An orchestrator that stands still while a ticket is under way to it, and goes on when the clock says that the ticket's
// parameters are over: nobody was shown their number, so the ticket is as good as it was, and both books say so to the wei.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseJson, signedStatementSchema } from '@streamflow/sdk/protocol'
import { readCommitmentEnd } from '../../../orchestrator/src/core/cashier/commitments.js'
import { readLedger } from '../../harness/readLedger.mjs'
import { createFixture, type Fixture, type FixtureSegment } from '../../media-fixtures/matroskaFixture.js'
import { RawBroadcaster } from '../server/RawBroadcaster.js'
import { prepareMachine, type OperatorMachine } from '../server/ServerProgram.js'

let machine: OperatorMachine
let fixture: Fixture
beforeAll(async () => {
  ;[machine, fixture] = await Promise.all([prepareMachine({ settings: { tickets: { rotationSeconds: 2, faceValue: '1000000000000000' } } }), createFixture({ seconds: 3 })])
})
afterAll(() => machine?.close())

/** Short of what breaks a connection. */
const longestStillMs = 2_600

it('takes a ticket that was under way while it stood still, though its parameters ended meanwhile', async () => {
  const { chain, program, folder, url } = machine
  const server = await program.start(url)
  const broadcaster = new RawBroadcaster({ chain, url, fixture })
  const { payer, estimate } = broadcaster
  const at = (seq: number): FixtureSegment => fixture.segments[seq] as FixtureSegment
  /** Takes a receipt into our books, and the parameters that ride in it. */
  const settle = async (seq: number): Promise<void> => {
    const { fee, quote = payer.quote } = await broadcaster.untilReceipt(seq)
    payer.settled(estimate, fee)
    payer.quote = quote
  }
  await broadcaster.connect()
  await broadcaster.sendHeader()
  await broadcaster.send(at(0))
  await settle(0)

  const endMs = 1_000 * readCommitmentEnd(payer.terms.quote.seed)
  await pause(endMs - longestStillMs - Date.now())
  server.kill('SIGSTOP')
  const ticket = await broadcaster.open(at(1))
  await broadcaster.sendChunks(at(1))
  await broadcaster.close(at(1))
  expect(Date.now()).toBeLessThan(endMs)
  await pause(endMs + 200 - Date.now())
  server.kill('SIGCONT')
  expect(await broadcaster.until((reply) => 'seq' in reply && reply.seq === 1)).toMatchObject({ type: 'accepted', attempt: 0 })
  payer.opened(ticket, estimate)
  await settle(1)

  // What comes next is signed under new ones.
  expect(readCommitmentEnd(payer.terms.quote.seed) * 1_000).toBeGreaterThan(endMs)
  await broadcaster.send(at(2))
  await settle(2)
  await broadcaster.say({ type: 'end' })
  await broadcaster.until(({ type }) => type === 'ended')
  const { credited, charged: fees } = payer.account
  expect(parseJson(signedStatementSchema, await broadcaster.statement())).toMatchObject({ segments: 3, tickets: 3, credited, fees, balance: credited - fees })
  const ledger = readLedger(folder, broadcaster.streamId, 'data')
  expect(ledger).toMatchObject({ credited, fees, tickets: 3 })
  expect(ledger.segments.map(({ seq, attempt, state }) => [seq, attempt, state])).toEqual([[0, 0, 'settled'], [1, 0, 'settled'], [2, 0, 'settled']])
  broadcaster.vanish()
})
