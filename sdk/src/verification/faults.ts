/** What may be wrong with a segment, in words and by name. Types only. */

/** By name. */
export type FaultKind =
  /** not the bytes that the receipt names */
  | 'hash'
  /** it cannot be taken apart, or has other times, pictures or lengths than its source */
  | 'structure'
  | 'dimensions'
  /** it does not show what its source shows */
  | 'picture'
  /** a part of the picture is not its source's */
  | 'place'
  | 'colour'
  /** it stands still, or does not move as its source does */
  | 'motion'
  /** pictures are repeated where its source has others */
  | 'rate'
  /** it is worse than its bitrate allows */
  | 'quality'
  | 'sound-missing'
  | 'sound-other'
  | 'sound-level'

/** One thing that is wrong. */
export interface Fault {
  readonly kind: FaultKind
  /** For people, with figures. */
  readonly text: string
}
