/**
 * `npm run cluster`: an orchestrator of two processes without a transcoder, over PostgreSQL, a pool on NATS with credentials; a transcoder
 * that dies in mid-stream, and then the process that serves the stream.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { broadcast } from '@streamflow/sdk/node'
import { readRunningNetwork } from '../../examples/network/readRunningNetwork.mjs'
import { makeMediaFile, runFfmpeg } from '../harness/makeFootage.mjs'
import { findTranscoding } from '../media-fixtures/transcodeRecorder.js'

const root = join(import.meta.dirname, '..', '..')
const listProcesses = (folder: string): string[] => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(folder))

it('npm run cluster serves a stream through transcoders that joined, loses no segment with one of them, and goes on when the process that serves it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-cluster-'))
  const child = spawn(process.execPath, [join(root, 'examples', 'network', 'start.mjs'), '--transcoders', '2', '--processes', '2', '--folder', folder, '--any-ports'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  try {
    await expect.poll(() => text, { timeout: 120_000 }).toMatch(/transcoder-1 .*process \d+[\s\S]*Ctrl-C stops everything/)
    const running = readRunningNetwork(folder)
    if (running === undefined) throw new Error('the network left no note')
    const file = makeMediaFile('cluster.mp4', (path) =>
      runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=12', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-f', 'mp4', path]))
    const live = await broadcast(file, { network: running.network, wallet: privateKeyToAccount(running.development.key), budget: { spendCap: parseEther('1') }, pace: 'realtime' })
    await new Promise<void>((resolve) => live.on('segment', () => resolve()))
    // Its pool is open to anybody who has a key.
    const door = await fetch(`${running.orchestrators[0]?.url}/v1/pool/credential?key=UAXONT65QAGJV77G46NE5FG7MBNR4EZRR3I63HVC6CGQF2BWNIIEPZVC`)
    expect(await door.json()).toMatchObject({ pool: 'cluster', jwt: expect.stringMatching(/^ey/) as string })
    const { pid } = await findTranscoding(running.transcoders.map((transcoder) => transcoder.pid))
    process.kill(pid, 'SIGKILL')
    await new Promise<void>((resolve) => live.on('segment', () => resolve()))
    expect(live.stats.segmentsLost).toBe(0)
    const [serving] = running.orchestrators
    process.kill(serving?.pid ?? 0, 'SIGKILL')
    // The other process of the same orchestrator takes the sender over. A receipt may have been under way.
    let settled = 0
    await new Promise<void>((resolve) => live.on('segment', () => ++settled === 2 && resolve()))
    await live.finished
    expect(live.state).toBe('ended')
    expect(text).toMatch(/✗ transcoder-\d ended by itself \(SIGKILL\)[\s\S]*The others go on[\s\S]*✗ orchestrator 1 ended by itself \(SIGKILL\)[\s\S]*The others go on/)
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([0, null])
    await expect.poll(() => listProcesses(folder), { timeout: 10_000 }).toEqual([])
  } finally {
    child.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
})
