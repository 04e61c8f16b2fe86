import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stakingAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { createReader, startLocalChain, startServer, type LocalChain, type RunningServer } from './startServer.js'

const run = promisify(execFile)
let chain: LocalChain
let server: RunningServer

beforeAll(async () => {
  const port = await findFreePort(0)
  chain = await startLocalChain({ publicPort: port })
  // Most tickets win, and winning pays for its gas.
  server = await startServer(chain, { port, flags: { 'tickets-face-value': '1000000000000000', 'price-per-million-pixels': '400000000000000', 'network-confirmations': '1' } })
})
afterAll(async () => {
  await server?.close()
  await chain?.close()
})

it('takes a stream of the SDK in Node, delivers it as HLS that ffprobe reads, and agrees on every wei', async () => {
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25[out0];sine=frequency=440[out1]', '-t', '8'] },
    { network: chain.network, wallet: privateKeyToAccount(chain.senderKey), budget: { spendCap: 10n ** 18n }, orchestrators: { timeoutMs: 10_000 }, ladder: [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }, { name: '90p', width: 160, height: 90, bitrate: 100_000 }] },
  )
  const fees: bigint[] = []
  const troubles: string[] = []
  live.on('segment', ({ fee }) => fees.push(fee))
  live.on('warning', (warning) => troubles.push(String(warning)))
  live.on('lost', ({ seq, error }) => troubles.push(`${seq} ${String(error)}`))
  const probed = run('ffprobe', ['-v', 'warning', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', live.playbackUrl])
  await live.finished
  const { stdout, stderr } = await probed
  expect(troubles).toEqual([])
  expect(live.state).toBe('ended')
  expect(fees.length).toBeGreaterThanOrEqual(8)
  expect(live.statement).toMatchObject({ segments: fees.length, fees: fees.reduce((sum, fee) => sum + fee, 0n) })
  expect(stderr).toBe('')
  expect(stdout).toContain('h264,320,180')
  expect(stdout).toContain('h264,160,90')
  expect(stdout).toContain('aac')

  const before = await readFees()
  const redeemed = await untilRedeemed()
  expect(redeemed.count).toBeGreaterThan(0)
  // Whatever had been paid before the first look is part of both.
  expect(await readFees()).toBe(redeemed.paid)
  expect(before).toBeLessThanOrEqual(redeemed.paid)
})

/** wei that the contracts owe the orchestrator. */
function readFees(): Promise<bigint> {
  return createReader(chain.network).readContract({ address: chain.network.contracts.staking, abi: stakingAbi, functionName: 'pendingFees', args: [chain.orchestrator] })
}

/** Waits until as many winners are paid on chain as there are, and says what they paid. */
async function untilRedeemed(): Promise<{ readonly count: number; readonly paid: bigint }> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const metrics = await (await fetch(server.metricsUrl ?? '')).text()
    const count = (name: string): number => Number(new RegExp(`^streamflow_${name} (\\d+)$`, 'm').exec(metrics)?.[1])
    const logs = await createReader(chain.network).getContractEvents({ address: chain.network.contracts.ticketBroker, abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', fromBlock: 0n, strict: true })
    if (count('winners_total') > 0 && logs.length === count('winners_total')) return { count: logs.length, paid: logs.reduce((sum, { args }) => sum + args.paid, 0n) }
    if (Date.now() > deadline) throw new Error(`${logs.length} of ${count('winners_total')} winners are redeemed`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
