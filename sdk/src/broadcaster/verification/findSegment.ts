/** Where a media playlist has a segment (RFC 8216bis §4.4). Pure. */

/** Addresses, relative to the playlist's. */
export interface SegmentAddress {
  readonly init: string
  readonly media: string
}

/** @returns `undefined` where it is not listed, not complete, or a gap */
export function findSegment(playlist: string, seq: number): SegmentAddress | undefined {
  let next = 0
  let init: string | undefined
  let isGap = false
  for (const line of playlist.split('\n')) {
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) next = Number(line.slice(line.indexOf(':') + 1))
    else if (line.startsWith('#EXT-X-MAP:')) init = /URI="([^"]+)"/.exec(line)?.[1]
    else if (line === '#EXT-X-GAP') isGap = true
    else if (line !== '' && !line.startsWith('#')) {
      if (next === seq) return isGap || init === undefined ? undefined : { init, media: line }
      next++
      isGap = false
    }
  }
  return undefined
}
