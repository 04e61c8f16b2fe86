/** One ffmpeg process: its bytes, its reasons when it fails, and its certain end. */

import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { StreamflowError } from '../../errors/StreamflowError.js'

/** What to run, and who hears of it. Exactly one of `onEnd` and `onError` is called, unless it is killed. */
export interface FfmpegOptions {
  readonly path: string
  readonly arguments: readonly string[]
  /** Piped into its standard input. */
  readonly stdin?: Readable | undefined
  /** Whether the input is a device of this machine; decides the code of an error. */
  readonly isDevice: boolean
  readonly onBytes: (bytes: Uint8Array) => void
  readonly onEnd: () => void
  readonly onError: (error: StreamflowError) => void
}

/** A running ffmpeg. */
export interface FfmpegProcess {
  /** Stops reading its output, which holds it up, or goes on. */
  setPaused(isPaused: boolean): void
  /** Ends it; resolves when it is gone. */
  kill(): Promise<void>
}

const maxReasonLength = 2000
/** After SIGTERM ffmpeg has so long to end by itself. */
const killAfterMs = 2000
/** What ffmpeg says when it was built without a part that is needed. */
const lacksPart = /Unknown encoder|Unrecognized option|Encoder .* not found|Requested output format .* is not/

/** Starts ffmpeg. It lives as long as this process at most. */
export function startFfmpeg(options: FfmpegOptions): FfmpegProcess {
  const { path, isDevice, stdin, onBytes, onEnd, onError } = options
  const child = spawn(path, options.arguments, { stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
  const endWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  let reason = ''
  let isKilled = false
  let inputError: Error | undefined

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
      else if (exitCode === 0) onEnd()
      else onError(toError(reason.trim(), exitCode, isDevice))
    })
  })
  child.stdout!.on('data', onBytes)
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (reason = (reason + text).slice(-maxReasonLength)))
  if (stdin) {
    // ffmpeg closes its input when it has read enough of it; that is not our failure.
    child.stdin!.on('error', () => stdin.unpipe())
    stdin.once('error', (error) => {
      inputError = error
      child.stdin!.end()
    })
    stdin.pipe(child.stdin!)
  }

  return {
    setPaused: (isPaused) => void (isPaused ? child.stdout!.pause() : child.stdout!.resume()),
    async kill() {
      if (!isKilled) {
        isKilled = true
        child.stdout!.destroy()
        stdin?.destroy()
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
        void exited.then(() => clearTimeout(timer))
      }
      await exited
    },
  }
}

function toError(reason: string, exitCode: number | null, isDevice: boolean): StreamflowError {
  const text = reason === '' ? `it exited with ${exitCode ?? 'a signal'}` : reason
  if (lacksPart.test(reason)) return new StreamflowError('Unsupported', `this ffmpeg lacks what is needed: ${text}`, { data: { missing: 'ffmpeg', reason } })
  return new StreamflowError(isDevice ? 'DeviceNotFound' : 'InvalidArgument', `ffmpeg cannot read the input: ${text}`, { data: { reason, exitCode } })
}
