import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { watchStrictly } from '../../harness/strictClient.mjs'
import { startLocalChain, startServer, type LocalChain, type RunningServer } from './startServer.js'

let chain: LocalChain
let server: RunningServer

beforeAll(async () => {
  const port = await findFreePort(0)
  chain = await startLocalChain({ publicPort: port })
  server = await startServer(chain, { port })
})
afterAll(async () => {
  await server?.close()
  await chain?.close()
})

test.each([
  ['29.97 pictures a second and sound', 'testsrc2=size=160x90:rate=30000/1001[out0];sine=frequency=440[out1]'],
  ['20 to 30 pictures a second and no sound', "testsrc2=size=160x90:rate=30,select='if(lt(mod(t\\,4)\\,2)\\,mod(n\\,3)\\,1)'[out0]"],
])('a stream of %s breaks no rule of low-latency HLS', async (_, source) => {
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', source, '-t', '12'] },
    { network: chain.network, wallet: privateKeyToAccount(chain.senderKey), budget: { spendCap: 10n ** 18n }, orchestrators: { timeoutMs: 10_000 }, ladder: [{ name: '90p', width: 160, height: 90, bitrate: 100_000 }] },
  )
  const findings = await watchStrictly(live.playbackUrl)
  await live.finished
  expect(Object.fromEntries(findings.violations)).toEqual({})
  expect(findings.segments).toBeGreaterThan(8)
  expect(findings.driftUs).toBeLessThanOrEqual(20)
})
