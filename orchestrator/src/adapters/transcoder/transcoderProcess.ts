/** One transcoder process of this machine: started, spoken to in frames, known to be ready, mourned when it dies. */

import { spawn } from 'node:child_process'
import { toStreamflowError } from '@streamflow/sdk/errors'
import { FrameReader, writeFrame } from '../../transcoding/frames.js'
import { decodeFromTranscoder, encodeMessage, type FromTranscoder, type ToTranscoder } from '../../transcoding/messages.js'

/** What one process tells its owner. */
export interface TranscoderProcessEvents {
  /** Jobs may be opened; called again when what it offers changes. */
  ready(offer: Extract<FromTranscoder, { type: 'ready' }>): void
  /** A message about one job. */
  message(message: JobMessage, bytes: Uint8Array): void
  /** The process is gone, with its last words; nothing follows. */
  exited(reason: string): void
}

/** A message that names a job. */
export type JobMessage = Exclude<FromTranscoder, { type: 'ready' }>

/** A running transcoder process. */
export interface TranscoderProcess {
  readonly pid: number | undefined
  /** Sends a message; `bytes` must not change afterwards. */
  send(message: ToTranscoder, bytes?: Uint8Array): void
  /** Lets it end by itself, kills it if it does not; resolves when it is gone. Idempotent. */
  close(): Promise<void>
}

const keptStderrBytes = 4096
/** Time for a process to end after its input closed. */
const graceMs = 2000

/**
 * Starts a transcoder process.
 * @param command - program and arguments
 */
export function startTranscoderProcess(command: readonly string[], events: TranscoderProcessEvents): TranscoderProcess {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const frames = new FrameReader()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderrBytes)
  })
  child.stdout.on('data', (bytes: Buffer) => {
    try {
      for (const body of frames.read(bytes)) {
        const { message, bytes: attached } = decodeFromTranscoder(body)
        if (message.type === 'ready') events.ready(message)
        else events.message(message, attached)
      }
    } catch (error) {
      // Out of step: nothing it says can be understood any more.
      stderr = toStreamflowError(error, 'BadMessage').message
      child.stdout.destroy()
      child.kill('SIGKILL')
    }
  })
  child.stdin.on('error', () => undefined)
  const exited = new Promise<void>((resolve) => {
    let isGone = false
    const once = (reason: string): void => {
      if (isGone) return
      isGone = true
      resolve()
      events.exited(reason)
    }
    child.once('error', (error) => once(error.message))
    child.once('close', (code, signal) => once(`${signal ?? `code ${code}`} ${stderr.trim()}`.trim()))
  })
  return {
    pid: child.pid,
    send(message, bytes) {
      if (child.stdin.writable) writeFrame(child.stdin, encodeMessage(message, bytes))
    },
    async close() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
    },
  }
}
