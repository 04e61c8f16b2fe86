/** `broadcast`: sends a file, an address or standard input, shows how it goes, and what it cost. */

import type { Broadcast } from '../../broadcaster/broadcast.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { broadcast } from '../broadcast.js'
import { formatAmount, readAmount } from './amounts.js'
import type { Command } from './command.js'
import { readFilters } from './discover.js'
import { formatTable } from './formatTable.js'
import type { Context } from './openContext.js'
import { readSeconds } from './readSeconds.js'
import { report } from './report.js'
import type { TellProgress } from './showProgress.js'

/** What a broadcast may cost unless it is said; hours at usual prices. */
const usualBudget = 5n * 10n ** 16n

/** `--verification-rate`: how many segments one is drawn from; undefined if it was not said. @throws {@link StreamflowError} `InvalidArgument` */
function readRate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,4}$/.test(text)) throw new StreamflowError('InvalidArgument', `--verification-rate: expected a number of segments, got ${text}`)
  return Number(text)
}

/** Until it is over, the time is up, or somebody stops it. @throws what ended it */
async function follow(live: Broadcast, seconds: number | undefined, progress: TellProgress): Promise<void> {
  let failure: Error | undefined
  live.on('error', (error) => (failure = error))
  const stop = (): void => void live.stop()
  const timer = seconds === undefined ? undefined : setTimeout(stop, seconds * 1_000)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  live.on('stats', ({ segmentsSettled, segmentsLost, fees }) => progress(`${live.state}  ${segmentsSettled} segments, ${segmentsLost} lost  ${formatAmount(fees)} ETH`))
  try {
    await live.finished
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  if (failure !== undefined) throw failure
}

/** `broadcast` */
export const broadcastCommand: Command<Context> = {
  usage: 'broadcast <file, address or -> [--budget <ether>] [--seconds <number>] [--verification-rate <number>] [--service <name>] [--region <name>] [--max-price <wei>] [--json]',
  summary: 'send a video to an orchestrator of the market as it plays, paid segment by segment; - is standard input',
  example: 'broadcast film.mp4 --budget 0.02',
  details: 'Needs ffmpeg and the package node-datachannel. Session keys and the history are kept in ~/.streamflow, or --directory. With --verification-rate one of so many segments is looked at in secret; who cheats is left, and evidence kept. Ctrl-C ends it, with what it cost.',
  takesWords: true,
  async run(context) {
    const { words, flags, isJson, print, progress } = context
    const [input, ...rest] = words
    if (input === undefined || rest.length > 0) throw new StreamflowError('InvalidArgument', 'expected one file or address, or - for standard input')
    const seconds = readSeconds(flags['seconds'])
    const spendCap = readAmount('budget', flags['budget'], 'ether') ?? usualBudget
    const verificationRate = readRate(flags['verification-rate'])
    const live = await broadcast(input === '-' ? process.stdin : input, {
      network: await context.network(),
      wallet: await context.wallet(),
      budget: { spendCap },
      orchestrators: readFilters(context),
      pace: 'realtime',
      ...(verificationRate !== undefined && { verificationRate }),
      ...(seconds !== undefined && input !== '-' && { loop: true }),
      ...context.stores,
    })
    live.on('lost', ({ seq, error }) => process.stderr.write(`segment ${seq} was lost: ${error.code}: ${error.message}\n`))
    live.on('warning', ({ code, message, help }) => process.stderr.write(`${code}: ${message}\n${help}\n`))
    live.on('left', ({ orchestrator, reason: { code, message } }) => {
      if (code === 'SegmentFailedVerification') process.stderr.write(`${orchestrator} is left for good: ${message}\n`)
      if (code === 'PoorQuality') process.stderr.write(`${orchestrator} is left: ${message}\n`)
    })
    if (!isJson) print(live.playbackUrl)
    await follow(live, seconds, progress)
    const { streamId, orchestrator, playbackUrl, stats: { segmentsSettled, segmentsLost, ticketsSent, fees } } = live
    const rows = [['segments', `${segmentsSettled} settled, ${segmentsLost} lost`], ['tickets sent', String(ticketsSent)], ['paid', `${formatAmount(fees)} ETH`], ['orchestrator', orchestrator], ['stream', streamId]]
    report({ streamId, orchestrator, playbackUrl, segmentsSettled, segmentsLost, ticketsSent, fees }, { isJson, print, sentence: formatTable(['broadcast', ''], rows).join('\n') })
    return 0
  },
}
