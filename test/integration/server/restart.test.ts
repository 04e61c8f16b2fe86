import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ticketBrokerAbi } from '@streamflow/contracts'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { createFixture } from '../../media-fixtures/matroskaFixture.js'
import { until } from '../../kit/until.js'
import { RawBroadcaster } from './RawBroadcaster.js'
import { prepareMachine, type OperatorMachine } from './ServerProgram.js'
import { createReader } from './startServer.js'

let machine: OperatorMachine

beforeAll(async () => {
  machine = await prepareMachine()
})
afterAll(() => machine?.close())

/** Winners that the ledger holds, paid or not. */
async function countWinners(): Promise<number> {
  const { output } = await machine.program.run('ledger', 'winners')
  return [...output.matchAll(/^(pending|submitted|confirmed)\s+(\d+)/gm)].reduce((sum, match) => sum + Number(match[2]), 0)
}

it('killed within a stream, the server comes back and the broadcast goes on: nothing is lost that was complete', async () => {
  const { chain, program, url } = machine
  let server = await program.start(url)
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', '16'] },
    { network: chain.network, wallet: privateKeyToAccount(chain.senderKey), budget: { spendCap: 10n ** 18n }, orchestrators: { timeoutMs: 10_000 }, ladder: [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }] },
  )
  const settled = new Set<number>()
  const lost = new Set<number>()
  const story: string[] = []
  live.on('segment', ({ seq }) => settled.add(seq))
  live.on('lost', ({ seq }) => lost.add(seq))
  live.on('warning', (warning) => story.push(`${warning.code} ${warning.message}`))
  live.on('error', (error) => story.push(`failed: ${error.code} ${error.message}`))
  await until('three segments', () => settled.size >= 3)
  server.kill('SIGKILL')
  await server.exited
  server = await program.start(url)
  await live.finished
  expect([live.state, ...story].join('\n')).toMatch(/^ended/)
  expect([...settled].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, seq) => seq))
  expect([...lost]).toEqual([])
  // What was receipted before the kill is in the statement after it.
  expect(live.statement?.segments).toBeGreaterThanOrEqual(settled.size)
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
})

it('killed with winners that were not redeemed, it redeems them when it comes back', async () => {
  const { chain, program, url } = machine
  const flags = ['--tickets-face-value', '1000000000000000']
  let server = await program.start(url, ...flags, '--redemption-enabled', 'false')
  const fixture = await createFixture({ seconds: 3 })
  const broadcaster = new RawBroadcaster({ chain, url, fixture })
  await broadcaster.connect()
  await broadcaster.sendHeader()
  const before = await countWinners()
  for (const segment of fixture.segments) {
    for (let attempt = 0; attempt < 3; attempt++) {
      // Wins with a probability of 0.999.
      const ticket = await broadcaster.open(segment, { attempt, ticket: broadcaster.payer.signValue(999_000_000_000_000n) })
      const reply = await broadcaster.until((each) => (each.type === 'accepted' || each.type === 'error') && each.seq === segment.seq && each.attempt === attempt)
      if (reply.type === 'accepted') {
        broadcaster.payer.opened(ticket, broadcaster.estimate)
        await broadcaster.sendChunks(segment, { attempt })
        await broadcaster.close(segment, { attempt })
        break
      }
      // Parameters change with every winner.
      if (reply.type === 'error' && reply.quote !== undefined) broadcaster.payer.quote = reply.quote
    }
  }
  server.kill('SIGKILL')
  await server.exited
  broadcaster.vanish()
  const winners = await countWinners()
  expect(winners - before).toBeGreaterThan(0)

  server = await program.start(url, ...flags)
  await until('every winner is paid in full', async () => {
    const logs = await createReader(chain.network).getContractEvents({ address: chain.network.contracts.ticketBroker, abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', fromBlock: 0n, strict: true })
    return logs.length === winners && logs.every(({ args }) => args.paid === args.faceValue)
  })
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
})
