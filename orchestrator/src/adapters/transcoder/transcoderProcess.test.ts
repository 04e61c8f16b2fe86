import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { childrenOf, createJob, isRunning } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { writeFrame } from '../../transcoding/frames.js'
import { encodeMessage } from '../../transcoding/messages.js'
import { startTranscoderProcess } from './transcoderProcess.js'

async function startAlone(): Promise<ReturnType<typeof spawn>> {
  const [program = '', ...args] = await getTranscoderCommand()
  const child = spawn(program, [...args, '--pixels-per-second', '1e9', '--accelerator', 'x264'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const job = createJob()
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  writeFrame(child.stdin, encodeMessage({ type: 'open', job: 1, transcodeJob: { ...job, ladder: [...job.ladder] } }))
  await expect.poll(() => childrenOf(child.pid ?? 0), { timeout: 10_000 }).not.toHaveLength(0)
  return child
}

describe('a transcoder', () => {
  test('ends, with its ffmpeg, when the orchestrator is gone', async () => {
    const child = await startAlone()
    const ffmpegs = await childrenOf(child.pid ?? 0)
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.stdin?.destroy()
    expect(await exited).toBe(0)
    await expect.poll(async () => (await Promise.all(ffmpegs.map(isRunning))).some(Boolean), { timeout: 10_000 }).toBe(false)
  })

  test('ends with a reason when it is told nonsense', async () => {
    const child = await startAlone()
    let stderr = ''
    child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
    child.stdin?.write(Buffer.from([0, 0, 0, 3, 9, 9, 9]))
    expect(await exited).toBe(1)
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', code: 'BadMessage' })
  })

  test('that talks nonsense is killed', async () => {
    const reason = await new Promise<string>((resolve) => {
      startTranscoderProcess([process.execPath, '-e', 'process.stdout.write(Buffer.alloc(64, 255)); setInterval(() => {}, 1e6)'], { ready: () => undefined, message: () => undefined, exited: resolve })
    })
    expect(reason).toMatch(/^SIGKILL frame: at most \d+ bytes/)
  })
})
