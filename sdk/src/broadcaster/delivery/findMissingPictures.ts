/** Whether viewers were shown fewer pictures than were sent: nothing is lost in silence. Pure. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Ladder } from '../../media/ladder.js'
import type { SegmentReceipt } from '../../protocol/segmentReceipt.js'

/** A picture at the edge of a segment may have found no place. */
const tolerance = 1

/**
 * Holds a receipt against what was sent.
 * @param sent - pictures of the segment
 * @returns what to warn of, `undefined` if all of them are shown
 */
export function findMissingPictures({ seq, outputs }: Pick<SegmentReceipt, 'seq' | 'outputs'>, ladder: Ladder, sent: number): StreamflowError | undefined {
  const shown = Math.min(...ladder.map(({ name }) => outputs.find(({ rendition }) => rendition === name)?.frames ?? 0))
  if (sent - shown <= tolerance) return undefined
  return new StreamflowError('InputAltered', `${sent - shown} of ${sent} pictures of segment ${seq} are not shown: they could not be decoded or had no place in it`, { data: { seq, sent, shown } })
}
