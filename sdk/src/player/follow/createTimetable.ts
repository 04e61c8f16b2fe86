/** Which segment holds which second of the stream. Pure. */

/** Knows the segments that were seen and guesses at those before; see `createTimetable`. */
export interface Timetable {
  /** This segment begins here (seconds). */
  note(seq: number, startS: number): void
  /** The segment that holds this second. */
  getSeq(timeS: number): number
  /** Where this segment begins; `undefined` before any was seen. */
  getStartS(seq: number): number | undefined
}

/** Segments that are remembered; more than any server keeps. */
const maxNoted = 300

/** @param segmentS - usual length of a segment in seconds */
export function createTimetable(segmentS: number): Timetable {
  let noted: { readonly seq: number; readonly startS: number }[] = []
  return {
    note(seq, startS) {
      if (noted.some((one) => one.seq === seq)) return
      noted = [...noted, { seq, startS }].sort((a, b) => a.seq - b.seq).slice(-maxNoted)
    },
    getSeq(timeS) {
      const holding = noted.filter(({ startS }) => startS <= timeS).at(-1)
      if (holding) return holding.seq
      const first = noted[0]
      return first ? Math.max(0, first.seq - Math.ceil((first.startS - timeS) / segmentS)) : 0
    },
    getStartS(seq) {
      const known = noted.find((one) => one.seq === seq)
      if (known) return known.startS
      const first = noted[0]
      return first && first.startS + (seq - first.seq) * segmentS
    },
  }
}
