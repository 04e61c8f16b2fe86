/** Starting ffmpeg so that it cannot outlive its parent, outgrow what confines it or say too much. */

import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { firstOutputFd } from './ffmpegArguments.js'

const keptStderrBytes = 4096
/** Where programs, libraries and drivers lie, and which devices a job of a cluster was given. */
const keptVariables = ['PATH', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'LIBVA_DRIVER_NAME', 'LIBVA_DRIVERS_PATH'] as const
/** CUDA would number the fastest card 0; nvidia-smi, and so everybody who sets one, numbers by the bus. */
const numberDevices = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } as const

/** Which ffmpeg, and what confines it. */
export interface FfmpegCommand {
  readonly ffmpegPath: string
  /** From {@link findConfinement}. */
  readonly confinement: readonly string[]
}

/** A running ffmpeg. */
export interface FfmpegProcess {
  readonly pid: number | undefined
  readonly stdin: Writable
  /** One per output, in order. */
  readonly outputs: readonly Readable[]
  /** Resolves when the process is gone and its outputs are read; never rejects. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null; /** Last words, at most 4 KiB. */ readonly stderr: string }>
  /** Kills it and everything it started. */
  kill(): void
}

function keepTail(stream: Readable | null): () => string {
  let tail = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (text: string) => {
    tail = (tail + text).slice(-keptStderrBytes)
  })
  return () => tail
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

/**
 * Starts ffmpeg in a process group of its own, without a shell and with a bare environment.
 * @param options.outputs - how many outputs it writes, from descriptor 3 on
 */
export function startFfmpeg(options: FfmpegCommand & { readonly args: readonly string[]; readonly outputs: number }): FfmpegProcess {
  const [command = '', ...rest] = [...options.confinement, options.ffmpegPath, ...options.args]
  const pipes = Array.from({ length: options.outputs }, () => 'pipe' as const)
  const child = spawn(command, rest, {
    stdio: ['pipe', 'ignore', 'pipe', ...pipes],
    detached: true,
    env: { ...numberDevices, ...Object.fromEntries(keptVariables.map((name) => [name, process.env[name]])) },
  })
  const stderr = keepTail(child.stderr)
  const exited = new Promise<Awaited<FfmpegProcess['exited']>>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, stderr: error.message }))
    child.once('close', (code, signal) => resolve({ code, signal, stderr: stderr() }))
  })
  // A dying ffmpeg breaks its pipes; `exited` tells of it.
  child.stdin?.on('error', () => undefined)
  return {
    pid: child.pid,
    stdin: child.stdin as Writable,
    outputs: child.stdio.slice(firstOutputFd) as Readable[],
    exited,
    kill: () => killGroup(child),
  }
}
