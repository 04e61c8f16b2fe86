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
 * Several times what slow machines take: for sound and what else comes with each second, and for pixels. A Raspberry Pi takes 0.1 s
 * for a million of them, a server 0.02.
 */
const allowed = { perSecond: 0.25, perMillionPixels: 0.5 } as const
/** Seconds beyond that which are let pass at any time: starting takes some, and a hard moment. */
const patienceSeconds = 10
/** Seconds of media that may wait to be computed: what its broadcaster kept while it was away comes at once. What was not taken in longer is not saved up. */
const keptSeconds = 60
/** Linux counts in these for every program (proc_pid_stat(5), USER_HZ). */
const ticksPerSecond = 100
const lookEveryMs = 1_000

/** Seconds that so many pictures may take. */
export function computeAllowedSeconds(pictures: number, { pixelsPerPicture, frameRate }: ProcessorTerms): number {
  return pictures * (allowed.perSecond / frameRate + (allowed.perMillionPixels * pixelsPerPicture) / 1e6)
}

/** Of what was allowed, what may still be taken later. */
export function computeKeptSeconds(terms: ProcessorTerms): number {
  return computeAllowedSeconds(keptSeconds * terms.frameRate, terms)
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

/** What is watched, and what to do about it. */
export interface ProcessorWatchOptions {
  readonly pid: number | undefined
  /** For all that it was given so far; asked each time. */
  readonly allowedSeconds: () => number
  /** What of it may be taken later. */
  readonly kept: number
  /** Called at most once, with all seconds that it took. */
  readonly exceeded: (seconds: number) => void
  /** @default 10 */
  readonly patience?: number
}

/** Looks once a second. */
export function watchProcessorTime({ pid, allowedSeconds, kept, exceeded, patience = patienceSeconds }: ProcessorWatchOptions): ProcessorWatch {
  if (pid === undefined) return { stop: () => undefined }
  let isOver = false
  let [known, knownAllowed, excess] = [0, 0, 0]
  const look = async (): Promise<void> => {
    const seconds = await readProcessorSeconds(pid)
    if (isOver || seconds === undefined) return
    const allowedNow = allowedSeconds()
    excess = Math.max(-kept, excess + (seconds - known) - (allowedNow - knownAllowed))
    ;[known, knownAllowed] = [seconds, allowedNow]
    if (excess <= patience) return
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
