/**
 * A player without a picture: what arrives is put on a timeline, and a clock goes over it as a viewer's would. So a terminal can
 * say how far behind the stream is and how often it would have stood still. Pure: times come in.
 */

/** How it went. Milliseconds. */
export interface ViewingReport {
  /** Time of the stream that arrived. */
  readonly receivedMs: number
  /** From the end of a part, by its broadcaster's clock, to its arrival; of the last thousand parts. */
  readonly latencyMs: { readonly now: number; readonly median: number; readonly p95: number; readonly worst: number } | undefined
  readonly stalls: number
  readonly stalledMs: number
  /** Segments that nobody has: the picture jumped over them. */
  readonly missing: number
}

/** Watches; see {@link createViewing}. */
export interface Viewing {
  /** A part of the picture arrived. Times on the stream's clock; what was there before changes nothing. */
  countPart(part: { readonly startMs: number; readonly endMs: number }, arrival: { readonly nowMs: number; readonly wallMs: number }): void
  /** The stream goes on after a hole. */
  countGap(endMs: number): void
  /** Where the stream's clock stands at its 0, by wall clock. */
  setStart(startTimeMs: number): void
  report(nowMs: number): ViewingReport
}

/** What must be there before the picture begins, and goes on after a stall: what nearest-to-live players hold. */
const cushionMs = 300
const remembered = 1_000
/** Rounding between parts; more than this between them is a hole that nobody announced: an origin that began later. */
const toleranceMs = 50

export function createViewing(): Viewing {
  let startTimeMs = 0
  /** End of what arrived without a break, on the stream's clock. */
  let edgeMs: number | undefined
  /** Where the picture stands, and since when it moves; undefined while it waits. */
  let shownMs = 0
  let movingSinceMs: number | undefined
  let stalledSinceMs: number | undefined
  let [receivedMs, stalls, stalledMs, missing] = [0, 0, 0, 0]
  const latencies: number[] = []

  /** Brings the picture to now: it moves until it comes to the edge, and stands there. */
  const advance = (nowMs: number): void => {
    if (edgeMs === undefined) return
    if (movingSinceMs !== undefined) {
      const reached = shownMs + nowMs - movingSinceMs
      if (reached < edgeMs) {
        shownMs = reached
        movingSinceMs = nowMs
        return
      }
      stalledSinceMs = nowMs - (reached - edgeMs)
      shownMs = edgeMs
      movingSinceMs = undefined
      stalls++
    }
    if (edgeMs - shownMs < cushionMs) return
    if (stalledSinceMs !== undefined) stalledMs += nowMs - stalledSinceMs
    stalledSinceMs = undefined
    movingSinceMs = nowMs
  }
  /** Players jump over what nobody has. */
  const jump = (toMs: number): void => {
    missing++
    if (edgeMs === undefined || toMs <= edgeMs) return
    shownMs += toMs - edgeMs
    edgeMs = toMs
  }
  const describeLatency = (): ViewingReport['latencyMs'] => {
    if (latencies.length === 0) return undefined
    const sorted = [...latencies].sort((a, b) => a - b)
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return { now: latencies[latencies.length - 1] ?? 0, median: at(0.5), p95: at(0.95), worst: at(1) }
  }

  return {
    setStart: (ms) => void (startTimeMs = ms),
    countPart({ startMs, endMs }, { nowMs, wallMs }) {
      advance(nowMs)
      if (edgeMs !== undefined && endMs <= edgeMs) return
      if (edgeMs !== undefined && startMs > edgeMs + toleranceMs) jump(startMs)
      receivedMs += endMs - Math.max(startMs, edgeMs ?? startMs)
      if (edgeMs === undefined) shownMs = startMs
      edgeMs = endMs
      latencies.push(wallMs - (startTimeMs + endMs))
      if (latencies.length > remembered) latencies.shift()
      advance(nowMs)
    },
    countGap: (endMs) => jump(endMs),
    report(nowMs) {
      advance(nowMs)
      const running = stalledSinceMs === undefined ? 0 : nowMs - stalledSinceMs
      return { receivedMs, latencyMs: describeLatency(), stalls, stalledMs: stalledMs + running, missing }
    },
  }
}
