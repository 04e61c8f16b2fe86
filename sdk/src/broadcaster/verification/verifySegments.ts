/**
 * The broadcaster's secret look at what it pays for: some segments, drawn by chance, are fetched as viewers fetch them,
 * compared with what the receipt names and with their source; whoever is found cheating is left. Loaded when it is needed.
 */

import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { sha256 } from '@noble/hashes/sha2'
import { listHashedBytes } from '../../payments/hashedBytes.js'
import type { Output } from '../../payments/receipt.js'
import type { Rendition } from '../../media/ladder.js'
import { concatBytes } from '../../media/ebml.js'
import type { Evidence, SeenRendition } from '../../protocol/evidence.js'
import { wait } from '../../units/deadline.js'
import { bytesToHex, isSameHex, type Address, type Hex } from '../../units/hex.js'
import type { Examination, Specimen } from '../../verification/examine.js'
import type { Fault } from '../../verification/faults.js'
import type { RenditionSegment } from '../../verification/readRendition.js'
import type { SegmentContent } from '../content/createContent.js'
import type { SettledSegment } from '../dispatch/dispatchSink.js'
import type { StreamContext, StreamJob } from '../streamContext.js'
import { createSampler } from './createSampler.js'
import { createSpendings } from './createSpendings.js'
import { createSuspicions, type SuspicionStore } from './createSuspicions.js'
import { drawBelow, drawShare } from './drawRandom.js'
import { fetchSegment } from './fetchSegment.js'

/** Looks at segments, one at a time. */
export interface Examiner {
  /** @throws {@link StreamflowError} what keeps it from looking */
  examine(specimen: Specimen): Promise<Examination>
  close(): void
}

/** What was found out about a segment. */
export interface VerificationReport {
  readonly seq: number
  readonly orchestrator: Address
  /** The rendition whose pictures were looked at: one of the ladder, drawn as well. */
  readonly rendition: string
  /** `unavailable`: it could not be fetched, or not be looked at. */
  readonly outcome: Examination['outcome'] | 'unavailable'
  readonly faults: readonly Fault[]
  readonly metrics?: Examination['metrics']
}

/** What a verification is made for. */
export interface VerificationOptions {
  /** See `verificationRate`. */
  readonly rate: number
  readonly context: StreamContext
  readonly job: StreamJob
  readonly openExaminer: () => Promise<Examiner>
  readonly onReport: (report: VerificationReport) => void
  /** An orchestrator cheated: it is left, this segment made elsewhere, and what shows it kept. */
  readonly onCheat: (error: StreamflowError, found: Found) => void
  /** Where doubt that no look settled is added up. */
  readonly suspicions: SuspicionStore
  /** An orchestrator is to be left: it keeps back what it was paid for (`Unreliable`), or is in doubt too often (`PoorQuality`). */
  readonly onUnfit: (orchestrator: Address, error: StreamflowError) => void
  readonly onWarning: (error: StreamflowError) => void
  readonly signal: AbortSignal
}

/** Who cheated, with which segment, and what shows it. */
export interface Found {
  readonly orchestrator: Address
  readonly content: SegmentContent
  readonly evidence: Evidence
}

/** What a look has: the report, and what was fetched for it. */
interface Look {
  readonly report: VerificationReport
  readonly seen: readonly SeenRendition[]
  /** Why it could not be fetched. */
  readonly missed?: StreamflowError
  readonly doubts?: Examination['doubts']
}

/** Segments that wait to be looked at, at most: a machine that is too slow for the rate looks at fewer, and keeps their bytes for no longer. */
const maxWaiting = 3
/** Pictures of a segment that are compared pixel by pixel. */
const momentCount = 3
/** Looks at a doubtful segment before it is let pass, each at other moments. */
const maxLooks = 2
/** Segments in a row that cannot be had before their orchestrator is left. */
const maxUnavailable = 3
/** Characters of a reason that is kept. */
const maxReason = 200

/** Takes each segment that is settled. */
export function verifySegments(options: VerificationOptions): (settled: SettledSegment) => void {
  const { rate, context, job, openExaminer, onReport, onCheat, onUnfit, onWarning, signal } = options
  const sampler = createSampler(rate, drawBelow)
  const spendings = createSpendings()
  const suspicions = createSuspicions(options.suspicions)
  const waiting: SettledSegment[] = []
  const unavailability = createUnavailability()
  /** What else they made is as bad: once is enough. */
  const cheats = new Set<Address>()
  let examiner: Examiner | undefined
  let isBusy = false
  let isOff = rate === 0
  signal.addEventListener('abort', () => examiner?.close(), { once: true })

  const conclude = (settled: SettledSegment, { report, seen, missed, doubts = {} }: Look): void => {
    onReport(report)
    const { site: { orchestrator }, content, receipt, outputs } = settled
    const { seq } = receipt
    if (report.outcome === 'failed') {
      const reasons = report.faults.map(({ text }) => text).join('; ')
      cheats.add(orchestrator)
      const error = new StreamflowError('SegmentFailedVerification', `segment ${seq}: ${reasons}`, { data: { seq, orchestrator, rendition: report.rendition, faults: report.faults } })
      const source = { header: job.header, segment: concatBytes(content.chunks) }
      const evidence: Evidence = { domain: context.domain, receipt, ladder: job.ladder, outputs, ...source, renditions: seen, reason: error.message.slice(0, maxReason), recordedAtMs: context.now() }
      return onCheat(error, { orchestrator, content, evidence })
    }
    const blame = unavailability.add(orchestrator, missed)
    if (blame !== undefined) {
      const error = new StreamflowError('Unreliable', `${maxUnavailable} segments in a row that it signed for cannot be had`, { cause: missed, data: { orchestrator, seq } })
      if (blame === 'orchestrator') onUnfit(orchestrator, error)
      else onWarning(error)
    }
    const poor = suspicions.add(orchestrator, content.startUs, doubts)
    if (poor !== undefined) onUnfit(orchestrator, new StreamflowError('PoorQuality', `too many of the ${poor.looks} segments of its that were looked at are in doubt: ${report.faults.map(({ text }) => text).join('; ')}`, { data: { orchestrator, seq, kind: poor.kind, looks: poor.looks } }))
  }
  const work = async (): Promise<void> => {
    for (let settled = waiting.shift(); settled !== undefined && !signal.aborted; settled = waiting.shift()) {
      if (cheats.has(settled.site.orchestrator)) continue
      const rendition = job.ladder[drawBelow(job.ladder.length)]!
      try {
        examiner ??= await openExaminer()
        // Not at once: requests that follow a receipt by a steady time would tell whose they are.
        await wait(drawShare() * job.segmentDurationMs, signal)
        conclude(settled, await look(settled, { rendition, mostSpent: spendings.findMost(settled, rendition) }, examiner, options))
      } catch (thrown) {
        const error = toStreamflowError(thrown, 'Internal')
        if (signal.aborted) return
        onWarning(error)
        if (error.code === 'Unsupported') return void (isOff = true) // this browser cannot: it was said once
      }
    }
  }
  return (settled) => {
    spendings.add(settled)
    if (isOff || signal.aborted || waiting.length >= maxWaiting || !sampler.isDrawn(settled.receipt.seq)) return
    waiting.push(settled)
    if (isBusy) return
    isBusy = true
    void work().finally(() => (isBusy = false))
  }
}

/** Who asks from the same address may have used up what it is allowed. */
const tooManyRequests = 429

/** Whose fault it is that segments cannot be had, once too many in a row cannot. Where nobody ever answered it may be ours: a page's policy, a network that lets no HTTP out. */
function createUnavailability(): { add(orchestrator: Address, missed: StreamflowError | undefined): 'orchestrator' | 'nobody' | undefined } {
  const counts = new Map<Address, number>()
  let isAnswered = false
  return {
    add(orchestrator, missed) {
      if (missed === undefined || missed.code === 'StreamNotFound' || missed.code === 'MessageTooLarge') isAnswered = true
      if (missed?.data.status === tooManyRequests) return undefined
      const count = missed === undefined ? 0 : (counts.get(orchestrator) ?? 0) + 1
      counts.set(orchestrator, count)
      return count !== maxUnavailable ? undefined : isAnswered ? 'orchestrator' : 'nobody'
    },
  }
}

/** Looks at one segment. */
async function look({ receipt, outputs, content, site }: SettledSegment, { rendition, mostSpent }: { readonly rendition: Rendition; readonly mostSpent: number | undefined }, examiner: Examiner, { context, job, signal }: VerificationOptions): Promise<Look> {
  const { seq } = receipt
  const report = { seq, orchestrator: site.orchestrator, rendition: rendition.name }
  const fetching = { playbackUrl: site.playbackUrl, timeoutMs: context.requestTimeoutMs, segmentDurationMs: job.segmentDurationMs, fetch: context.fetch, signal }
  const hasSound = job.input.audio !== undefined
  let video: RenditionSegment
  let audio: RenditionSegment | undefined
  try {
    video = await fetchSegment(rendition.name, seq, fetching)
    audio = hasSound ? await fetchSegment('audio', seq, fetching) : undefined
  } catch (thrown) {
    if (signal.aborted) throw thrown
    return { report: { ...report, outcome: 'unavailable', faults: [] }, seen: [], missed: toStreamflowError(thrown, 'TransportFailed') }
  }
  const seen = [{ rendition: rendition.name, ...video }, ...(audio === undefined ? [] : [{ rendition: 'audio', ...audio }])]
  const faults = seen.map((each) => findHashFault(outputs, each, receipt.serviceId)).filter((fault) => fault !== undefined)
  if (faults.length > 0) return { report: { ...report, outcome: 'failed', faults }, seen }

  const { startUs, close } = content
  const source = { header: job.header, bytes: concatBytes(content.chunks), input: job.input, startUs, durationUs: close?.durationUs ?? 0 }
  for (let looks = 1; ; looks++) {
    const moments = Array.from({ length: momentCount }, drawShare)
    const { doubts, ...examined } = await examiner.examine({ source, rendition, video, audio, moments, mostSpent })
    if (examined.outcome !== 'doubtful' || looks === maxLooks) return { report: { ...report, ...examined }, seen, doubts }
  }
}

/** Whether viewers are given other bytes than were signed for. */
function findHashFault(outputs: readonly Output[], seen: SeenRendition, serviceId: Hex): Fault | undefined {
  const { rendition: name, media } = seen
  const output = outputs.find(({ rendition }) => rendition === name)
  if (output !== undefined && output.bytes === media.length && isSameHex(output.hash, hashSeen(serviceId, seen))) return undefined
  return { kind: 'hash', text: `${name}: ${output === undefined ? 'the receipt does not name it' : 'viewers get other bytes than the receipt names'}` }
}

/** The hash that a receipt must have of what was fetched; none if it is not even what its service delivers. */
function hashSeen(serviceId: Hex, seen: SeenRendition): Hex {
  try {
    return bytesToHex(sha256(concatBytes(listHashedBytes(serviceId, seen))))
  } catch {
    return '0x'
  }
}
