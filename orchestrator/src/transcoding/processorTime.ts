/**
 * Bounds the processor time of one ffmpeg by what it was paid for. Every codec has ways to hide work from whoever counts
 * pictures (frames that are not shown, sizes that change, slices that overlap); whatever the way, this is what it takes.
 */

import { readFile } from 'node:fs/promises'
import { StreamflowError } from '@streamflow/sdk/errors'

/** What a stream is paid for: so much may be computed for it. */
export interface ProcessorTerms {
  /** Pixels of one picture, those that are read and those that are made. */
  readonly pixelsPerPicture: number
  readonly frameRate: number
}

/** See {@link watchProcessorTime}. */
export interface ProcessorWatch {
  stop(): void
}

/**
 * Several times what slow machines take: starting and ending, sound and what else comes with each second, and pixels. A Raspberry Pi
 * takes 0.1 s for a million of them, a server 0.02.
 */
const allowed = { seconds: 10, perSecond: 0.25, perMillionPixels: 0.5 } as const
/** Linux counts in these for every program (proc_pid_stat(5), USER_HZ). */
const ticksPerSecond = 100
const lookEveryMs = 1_000

/** Seconds that so many pictures may take. */
export function computeAllowedSeconds(pictures: number, { pixelsPerPicture, frameRate }: ProcessorTerms): number {
  return allowed.seconds + pictures * (allowed.perSecond / frameRate + (allowed.perMillionPixels * pixelsPerPicture) / 1e6)
}

/** What is to be said of a stream that took more. */
export function createExcessError(seconds: number): StreamflowError {
  return new StreamflowError('SegmentFormatDidntMatchJobInputParams', `${seconds} s of processor time are many times what was declared takes`, { data: { field: 'processor time' } })
}

/** Seconds that a process has computed so far; undefined where the system does not tell. */
export async function readProcessorSeconds(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name may hold anything, brackets too.
  const [user, system] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13) ?? []
  return user === undefined || system === undefined ? undefined : (Number(user) + Number(system)) / ticksPerSecond
}

/**
 * Looks once a second.
 * @param options.allowedSeconds - asked each time
 * @param options.exceeded - called at most once
 */
export function watchProcessorTime({ pid, allowedSeconds, exceeded }: { readonly pid: number | undefined; readonly allowedSeconds: () => number; readonly exceeded: (seconds: number) => void }): ProcessorWatch {
  if (pid === undefined) return { stop: () => undefined }
  let isOver = false
  const look = async (): Promise<void> => {
    const seconds = await readProcessorSeconds(pid)
    if (isOver || seconds === undefined || seconds <= allowedSeconds()) return
    stop()
    exceeded(seconds)
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  timer.unref()
  const stop = (): void => {
    isOver = true
    clearInterval(timer)
  }
  return { stop }
}
