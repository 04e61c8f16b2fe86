import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { startLocalChain, startServer, type LocalChain, type RunningServer } from './startServer.js'

const run = promisify(execFile)
let chain: LocalChain
let server: RunningServer

beforeAll(async () => {
  const port = await findFreePort(0)
  chain = await startLocalChain({ publicPort: port })
  // A face value so small that many tickets win.
  server = await startServer(chain, { port, flags: { 'tickets-face-value': '20000000000' } })
})
afterAll(async () => {
  await server?.close()
  await chain?.close()
})

it('takes a stream of the SDK in Node, delivers it as HLS that ffprobe reads, and agrees on every wei', async () => {
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine=frequency=440', '-t', '8'] },
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
})
