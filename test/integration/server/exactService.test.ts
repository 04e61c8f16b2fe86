// The exact service beside the ordinary one, bought by a broadcaster that asks for it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { register } from '@streamflow/sdk'
import { hashExactService, services } from '@streamflow/sdk/payments'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { identifyExactEncoder } from '../../../orchestrator/src/transcoding/exact/identifyExactEncoder.js'
import { findConfinement } from '../../../orchestrator/src/transcoding/confinement.js'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { startLocalChain, startServer, type LocalChain, type RunningServer } from './startServer.js'

let chain: LocalChain
let port: number
let server: RunningServer | undefined

beforeAll(async () => {
  port = await findFreePort(0)
  chain = await startLocalChain({ publicPort: port })
  const wallet = privateKeyToAccount(chain.privateKey)
  await register({ network: chain.network, wallet, uri: `http://127.0.0.1:${port}`, services: ['Transcoding', 'CPUTranscoding'], regions: ['local'] })
})
afterAll(async () => {
  await server?.close()
  await chain.close()
})

it('is sold by a machine whose encoder is the one of its description, and by no other', async () => {
  const start = (): Promise<RunningServer> => startServer(chain, { port, flags: { 'registration-services': 'Transcoding,CPUTranscoding' } })
  const encoder = await identifyExactEncoder({ ffmpegPath: 'ffmpeg', confinement: await findConfinement('ffmpeg') })
  if (hashExactService(encoder) !== services.CPUTranscoding) return expect(start()).rejects.toMatchObject({ code: 'Unsupported' })
  server = await start()
  const ask = async (serviceId: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}/v1/quotes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sender: chain.sender, serviceId }) })).status
  expect([await ask(services.Transcoding), await ask(services.CPUTranscoding), await ask(services.GPUTranscoding)]).toEqual([200, 200, 400])

  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25[out0];sine=frequency=440[out1]', '-t', '5'] },
    { network: chain.network, wallet: privateKeyToAccount(chain.senderKey), budget: { spendCap: 10n ** 18n }, orchestrators: { serviceId: services.CPUTranscoding, timeoutMs: 10_000 }, ladder: [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }, { name: '90p', width: 160, height: 90, bitrate: 100_000 }] },
  )
  const [fees, troubles]: [bigint[], string[]] = [[], []]
  live.on('segment', ({ fee }) => fees.push(fee))
  live.on('warning', (warning) => troubles.push(String(warning)))
  live.on('lost', ({ seq, error }) => troubles.push(`${seq} ${String(error)}`))
  const probed = promisify(execFile)('ffprobe', ['-v', 'warning', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', live.playbackUrl])
  await live.finished
  const { stdout, stderr } = await probed
  expect(troubles).toEqual([])
  expect(fees.length).toBeGreaterThanOrEqual(5)
  expect(live.statement).toMatchObject({ segments: fees.length, fees: fees.reduce((sum, fee) => sum + fee, 0n) })
  expect(stderr).toBe('')
  for (const stream of ['h264,320,180', 'h264,160,90', 'aac']) expect(stdout).toContain(stream)
})
