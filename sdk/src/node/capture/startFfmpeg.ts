/** One ffmpeg process: its outputs, its reasons when it fails, and its certain end. */

import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { explainFailure } from './explainFailure.js'
import { createFfmpegLog, type FfmpegLog } from './readFfmpegLog.js'

/** What to run, and who hears of it. Exactly one of `onEnd` and `onError` is called, unless it is killed. */
export interface FfmpegOptions {
  readonly path: string
  readonly arguments: readonly string[]
  /** Piped into its standard input. */
  readonly stdin?: Readable | undefined
  /** Whether the input is a device of this machine, or comes over a network; decides the code of an error. */
  readonly isDevice: boolean
  readonly isRemote: boolean
  readonly hasSoundOutput: boolean
  /** The first byte of `stdin` came. */
  readonly onInput: () => void
  /** It is known what becomes of the input; before any byte is complete that depends on it. */
  readonly onMapping: (mapping: NonNullable<FfmpegLog['mapping']>) => void
  readonly onVideo: (bytes: Uint8Array) => void
  readonly onSound: (bytes: Uint8Array) => void
  /** So many pictures found no place on the grid since the start. */
  readonly onDropped: (count: number) => void
  readonly onEnd: (log: FfmpegLog) => void
  readonly onError: (error: StreamflowError) => void
}

/** A running ffmpeg. */
export interface FfmpegProcess {
  /** Stops reading its pictures, which holds it up, or goes on. */
  setPaused(isPaused: boolean): void
  /** Ends it; resolves when it is gone. */
  kill(): Promise<void>
}

/** After SIGTERM ffmpeg has so long to end by itself. */
const killAfterMs = 2000

/** Starts ffmpeg. It lives as long as this process at most. */
export function startFfmpeg(options: FfmpegOptions): FfmpegProcess {
  const { path, stdin, onVideo, onSound, onEnd, onError } = options
  const child = spawn(path, options.arguments, { stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'] })
  const endWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  let isKilled = false
  let inputError: Error | undefined
  const log = createFfmpegLog(options.hasSoundOutput, () => log.mapping && options.onMapping(log.mapping))

  const exited = new Promise<void>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      process.removeListener('exit', endWithUs)
      resolve()
      if (!isKilled) onError(new StreamflowError('Unsupported', error.code === 'ENOENT' ? `ffmpeg was not found at "${path}": install it, or set ffmpegPath` : `ffmpeg cannot be started: ${error.message}`, { cause: error, data: { missing: 'ffmpeg' } }))
    })
    child.once('close', (exitCode) => {
      process.removeListener('exit', endWithUs)
      stdin?.unpipe()
      resolve()
      if (isKilled) return
      if (inputError) onError(new StreamflowError('InvalidArgument', `the input stream failed: ${inputError.message}`, { cause: inputError }))
      else if (exitCode === 0) onEnd(log)
      else onError(explainFailure({ ...options, log, exitCode }))
    })
  })
  const [, , , sound, progress] = child.stdio as unknown as Readable[]
  child.stdout!.on('data', onVideo)
  sound!.on('data', onSound)
  progress!.setEncoding('utf8').on('data', (text: string) => {
    const counts = [...text.matchAll(/^drop_frames=(\d+)$/gm)]
    if (counts.length > 0) options.onDropped(Number(counts.at(-1)![1]))
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => log.push(text))
  if (stdin) {
    // ffmpeg closes its input when it has read enough of it; that is not our failure.
    child.stdin!.on('error', () => stdin.unpipe())
    stdin.once('error', (error) => {
      inputError = error
      child.stdin!.end()
    })
    stdin.once('data', options.onInput)
    stdin.pipe(child.stdin!)
  }

  return {
    setPaused: (isPaused) => void (isPaused ? child.stdout!.pause() : child.stdout!.resume()),
    async kill() {
      if (!isKilled) {
        isKilled = true
        for (const output of [child.stdout!, sound!, progress!]) output.destroy()
        stdin?.destroy()
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
        void exited.then(() => clearTimeout(timer))
      }
      await exited
    },
  }
}
