/** `watch`: follows a stream without showing it, and says how far behind it is and how often it stands still. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { followStream, type StreamReport } from '../viewing/followStream.js'
import type { Command } from './command.js'
import { formatTable } from './formatTable.js'
import type { Context } from './openContext.js'
import { readSeconds } from './readSeconds.js'
import { report } from './report.js'

const progressMs = 1_000
const round = (ms: number): string => `${Math.round(ms)} ms`

function describeNow({ latencyMs, stalls, stalledMs, missing, rendition, bytes }: StreamReport): string {
  if (latencyMs === undefined) return 'waiting for the first picture'
  return `${rendition}  ${round(latencyMs.now)} behind  ${stalls} stalls, ${(stalledMs / 1_000).toFixed(1)} s  ${missing} segments missing  ${(bytes / 1e6).toFixed(1)} MB`
}

function describeEnd({ receivedMs, latencyMs, stalls, stalledMs, missing, moves, url, rendition, bytes, isOver }: StreamReport): string {
  const latency = latencyMs === undefined ? 'no picture came' : `${round(latencyMs.median)} (median), ${round(latencyMs.p95)} (95 %), ${round(latencyMs.worst)} (worst)`
  const rows = [['received', `${(receivedMs / 1_000).toFixed(1)} s of ${rendition || 'nothing'}, ${(bytes / 1e6).toFixed(1)} MB`], ['behind', latency], ['stalls', `${stalls}, ${(stalledMs / 1_000).toFixed(1)} s in all`], ['segments missing', String(missing)], ['moves', `${moves}, to ${url}`], ['ended', isOver ? 'by its broadcaster' : 'by us']]
  return formatTable(['viewing', ''], rows).join('\n')
}

/** `watch` */
export const watchCommand: Command<Context> = {
  usage: 'watch <address> [<address> …] [--seconds <number>] [--json]',
  summary: 'follow a stream (the address of its master playlist, or several) without showing it; print latency and stalls',
  example: `watch https://orchestrator.example/live/0x${'5e'.repeat(32)}/master.m3u8 --seconds 60`,
  details: 'Behind is from a part’s last picture, by its broadcaster’s clock, to its arrival here: with clocks that differ it is off by that. A stall is counted when a player with 0.3 s in hand would stand still. Where it fails it goes on at the stream’s other origins. Ctrl-C ends it.',
  takesWords: true,
  async run({ words, flags, isJson, print, progress }) {
    if (words.length === 0) throw new StreamflowError('InvalidArgument', 'expected the address of a stream’s master playlist')
    const seconds = readSeconds(flags['seconds'])
    const stopping = new AbortController()
    const stream = followStream({ urls: words, signal: stopping.signal, onMoved: (url) => void process.stderr.write(`goes on at ${url}\n`) })
    const stop = (): void => stopping.abort()
    const end = seconds === undefined ? undefined : setTimeout(stop, seconds * 1_000)
    const tell = (): void => {
      const now = describeNow(stream.report())
      progress(now)
      // A log has a line for each second.
      if (!process.stderr.isTTY && !isJson) process.stderr.write(`${now}\n`)
    }
    const telling = setInterval(tell, progressMs)
    process.once('SIGINT', stop).once('SIGTERM', stop)
    try {
      await stream.finished
    } finally {
      clearInterval(telling)
      clearTimeout(end)
      process.off('SIGINT', stop).off('SIGTERM', stop)
    }
    const outcome = stream.report()
    report({ ...outcome }, { isJson, print, sentence: describeEnd(outcome) })
    return 0
  },
}
