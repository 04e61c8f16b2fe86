/** Playlists as text (RFC 8216bis). Pure. */

import type { Origin } from '@streamflow/sdk/payments'
import { stringify } from '@streamflow/sdk/protocol'
import type { WindowSegment } from './renditionWindow.js'

/** Where a segment that begins at `startUs` is foreseen to end, on the stream clock. */
export type ForeseeEnd = (startUs: number) => number

/** What a media playlist is made from. */
export interface MediaPlaylistView {
  readonly segments: readonly WindowSegment[]
  readonly isEnded: boolean
  /** Whole seconds. */
  readonly targetDurationSeconds: number
  readonly partTargetUs: number
  readonly foreseeEnd: ForeseeEnd
  /** Discontinuities that have left the window. */
  readonly discontinuitySequence: number
  /** Wall clock at stream clock 0, ms since the epoch. */
  readonly startTimeMs: number
  /** Where the other renditions are, for a player that switches. */
  readonly reports: readonly { readonly rendition: string; readonly lastSeq: number; readonly lastPart: number | undefined }[]
}

/** Parts are listed within so many target durations of the end (RFC 8216bis §4.4.4.9); a player that lost sight of one looks no longer at it. */
const partsWithinTargets = 3
/** Multiples of the part target and the target duration (RFC 8216bis §4.4.3.8). */
const partHoldBackFactor = 3
const skipUntilFactor = 6

/**
 * A date is told at least with every so many segments. It has whole milliseconds and the grid does not, so elsewhere it
 * is told only where it is exact: hls.js lays sound beside picture by the dates of any two segments, and where they are
 * rounded the sound would move by up to a millisecond with every refresh. What has none gets it from its neighbours.
 */
const segmentsPerDate = 8

/** Exact: times are whole microseconds, differences of which add up. */
const seconds = (us: number): string => (us / 1e6).toFixed(6)

/** How many of the oldest segments a delta update leaves out; 0: it would not be shorter. */
export function computeSkippedSegments(view: MediaPlaylistView): number {
  const boundaryUs = skipUntilFactor * view.targetDurationSeconds * 1e6
  let us = 0
  for (let i = view.segments.length - 1; i >= 0; i--) {
    us += view.segments[i]?.durationUs ?? 0
    if (us > boundaryUs) return i
  }
  return 0
}

function renderSegment(segment: WindowSegment, withParts: boolean, startTimeMs: number): readonly string[] {
  const { seq, startUs, durationUs, parts, state, isDiscontinuous } = segment
  const lines = isDiscontinuous ? ['#EXT-X-DISCONTINUITY'] : []
  if (startUs % 1000 === 0 || isDiscontinuous || seq % segmentsPerDate === 0) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(startTimeMs + Math.floor(startUs / 1000)).toISOString()}`)
  if (state === 'gap') lines.push('#EXT-X-GAP')
  if (withParts) {
    parts.forEach((part, i) => lines.push(`#EXT-X-PART:DURATION=${seconds(part.durationUs)},URI="${seq}.${i}.m4s"${part.independent ? ',INDEPENDENT=YES' : ''}`))
  }
  if (state !== 'open') lines.push(`#EXTINF:${seconds(durationUs)},`, `${seq}.m4s`)
  return lines
}

/** The part that will come next: of the open segment, unless that is foreseen to end here. */
export function foreseeNextPart(view: Pick<MediaPlaylistView, 'segments' | 'foreseeEnd'>): { readonly seq: number; readonly part: number } | undefined {
  const last = view.segments.at(-1)
  if (last === undefined) return undefined
  const isEnding = last.state !== 'open' || last.startUs + last.durationUs >= view.foreseeEnd(last.startUs)
  return isEnding ? { seq: last.seq + 1, part: 0 } : { seq: last.seq, part: last.parts.length }
}

/**
 * A media playlist.
 * @param skip - leave out what a player has that read the playlist less than half of CAN-SKIP-UNTIL ago
 */
export function renderMediaPlaylist(view: MediaPlaylistView, skip: boolean): string {
  const { segments, isEnded, targetDurationSeconds, partTargetUs, startTimeMs } = view
  const skipped = skip && !isEnded ? computeSkippedSegments(view) : 0
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${targetDurationSeconds}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${seconds(partHoldBackFactor * partTargetUs)},CAN-SKIP-UNTIL=${seconds(skipUntilFactor * targetDurationSeconds * 1e6)}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(partTargetUs)}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.seq ?? 0}`,
    ...(view.discontinuitySequence > 0 ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${view.discontinuitySequence}`] : []),
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
    '#EXT-X-MAP:URI="init.mp4"',
  ]
  let leftUs = segments.reduce((sum, segment) => sum + segment.durationUs, 0)
  segments.forEach((segment, i) => {
    leftUs -= segment.durationUs
    if (i >= skipped) lines.push(...renderSegment(segment, !isEnded && leftUs < partsWithinTargets * targetDurationSeconds * 1e6, startTimeMs))
  })
  const next = foreseeNextPart(view)
  if (isEnded) lines.push('#EXT-X-ENDLIST')
  else if (next !== undefined) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${next.seq}.${next.part}.m4s"`)
  if (!isEnded) {
    for (const { rendition, lastSeq, lastPart } of view.reports) {
      lines.push(`#EXT-X-RENDITION-REPORT:URI="../${rendition}/index.m3u8",LAST-MSN=${lastSeq}${lastPart === undefined ? '' : `,LAST-PART=${lastPart}`}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** What a master playlist is made from. */
export interface MasterPlaylistView {
  /** Best first. */
  readonly variants: readonly {
    readonly rendition: string
    readonly width: number
    readonly height: number
    readonly codecs: string
    /** Bits per second, with sound. */
    readonly peakBitrate: number
    readonly averageBitrate: number
  }[]
  readonly frameRate: number
  readonly audio: { readonly codecs: string; readonly channels: number } | undefined
  /** Where else the same stream is; absent where it is here alone. */
  readonly pathways: { readonly own: string; readonly others: readonly Origin[] } | undefined
}

/** Seconds after which a player looks again which origins there are. */
const steeringTtlS = 10

/** The steering manifest. @param priority - pathways, the one to prefer first */
export function renderSteeringManifest(priority: readonly string[]): string {
  return stringify({ VERSION: 1, TTL: steeringTtlS, 'PATHWAY-PRIORITY': priority })
}

/** One origin's share of a master playlist: the same renditions everywhere, at addresses of its own. */
function renderPathway({ variants, frameRate, audio }: MasterPlaylistView, { id, base }: { readonly id: string | undefined; readonly base: string }): readonly string[] {
  const group = id === undefined ? 'audio' : `audio-${id}`
  const pathway = id === undefined ? [] : [`PATHWAY-ID="${id}"`]
  const lines: string[] = []
  if (audio !== undefined) lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${audio.channels}"${id === undefined ? '' : ',STABLE-RENDITION-ID="audio"'},URI="${base}audio/index.m3u8"`)
  for (const { rendition, width, height, codecs, peakBitrate, averageBitrate } of variants) {
    const attributes = [
      `BANDWIDTH=${Math.ceil(peakBitrate)}`, `AVERAGE-BANDWIDTH=${Math.ceil(Math.min(averageBitrate, peakBitrate))}`,
      `CODECS="${audio === undefined ? codecs : `${codecs},${audio.codecs}`}"`, `RESOLUTION=${width}x${height}`, `FRAME-RATE=${frameRate.toFixed(3)}`,
      ...(audio === undefined ? [] : [`AUDIO="${group}"`]), ...(id === undefined ? [] : [`STABLE-VARIANT-ID="${rendition}"`]), ...pathway,
    ]
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${base}${rendition}/index.m3u8`)
  }
  return lines
}

/** The master playlist. With other origins each is a pathway (RFC 8216bis §7), this one first: whoever knows none plays the first variants. */
export function renderMasterPlaylist(view: MasterPlaylistView): string {
  const { pathways } = view
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS']
  if (pathways !== undefined) lines.push(`#EXT-X-CONTENT-STEERING:SERVER-URI="steering",PATHWAY-ID="${pathways.own}"`)
  lines.push(...renderPathway(view, { id: pathways?.own, base: '' }))
  for (const { orchestrator, url } of pathways?.others ?? []) lines.push(...renderPathway(view, { id: orchestrator, base: url.slice(0, -'master.m3u8'.length) }))
  return `${lines.join('\n')}\n`
}
