/** What viewers could see of a segment, counted as its parts are made. Pure. */

import type { Ladder } from '@streamflow/sdk/media'
import type { RenditionPart } from '../transcoding.js'

/** How much of a segment was published. Over several attempts it is one sum: each part leaves once. */
export interface Shown {
  /** Σ width·height·frames over the ladder. */
  readonly pixels: bigint
  /** Of the rendition that came furthest. */
  readonly frames: number
  readonly durationUs: number
  /** Frames and time by rendition, sound included. */
  readonly renditions: ReadonlyMap<string, { readonly frames: number; readonly durationUs: number }>
}

/** Nothing yet. */
export const nothingShown: Shown = { pixels: 0n, frames: 0, durationUs: 0, renditions: new Map() }

/** One part more. Sound lasts, but has no pixels and no frames that are paid for. */
export function addShown(shown: Shown, { rendition, frames, durationUs }: Pick<RenditionPart, 'rendition' | 'frames' | 'durationUs'>, ladder: Ladder): Shown {
  const before = shown.renditions.get(rendition) ?? { frames: 0, durationUs: 0 }
  const now = { frames: before.frames + frames, durationUs: before.durationUs + durationUs }
  const rung = ladder.find(({ name }) => name === rendition)
  return {
    pixels: shown.pixels + (rung === undefined ? 0n : BigInt(rung.width * rung.height) * BigInt(frames)),
    frames: rung === undefined ? shown.frames : Math.max(shown.frames, now.frames),
    durationUs: Math.max(shown.durationUs, now.durationUs),
    renditions: new Map(shown.renditions).set(rendition, now),
  }
}
