// Ways to cheat with a rendition. Each is a change of pictures before they are encoded, of how they are encoded, or of the sound.

/** Pictures by other indices. @param {(i: number, context: { start: number, count: number }) => number} choose - `start`: of the segment */
const reorder = (choose) => ({ frames: (frames, { starts, shift }) => frames.map((_, i) => frames[Math.min(frames.length - 1, Math.max(0, choose(i, { start: starts.findLast((start) => start <= i), shift })))]) })

/** A rectangle of a colour with a pattern in it, at a place of its own in each clip. */
function paintLogo(frames, { size: { width, height }, chance }) {
  const area = 0.041 + 0.02 * chance()
  const shape = 0.5 + chance()
  const w = Math.round(width * Math.sqrt(area * shape))
  const h = Math.round((width * height * area) / w)
  const left = Math.floor((width - w) * chance())
  const top = Math.floor((height - h) * chance())
  const light = chance() < 0.5 ? 225 : 40
  return frames.map((frame) => {
    const painted = frame.slice()
    for (let y = top; y < top + h; y++) for (let x = left; x < left + w; x++) painted[y * width + x] = (x - left) % 12 < 7 && (y - top) % 16 < 10 ? light : 255 - light
    for (const plane of [width * height, (width * height * 5) / 4]) {
      for (let y = top >> 1; y < (top + h) >> 1; y++) for (let x = left >> 1; x < (left + w) >> 1; x++) painted[plane + y * (width >> 1) + x] = 128
    }
    return painted
  })
}

/**
 * By name. `isTemporal`: changes nothing where nothing moves. `filter`: ffmpeg's, for pictures of a size; `coding`: instead of the bitrate
 * that was ordered; `sound`: ffmpeg's filter on sound.
 */
export const tamperings = {
  black: { filter: () => 'drawbox=t=fill:color=black' },
  frozen: { ...reorder((i, { start }) => start), isTemporal: true },
  'another stream': { isOther: true },
  'last segment again': { ...reorder((i, { shift }) => i - shift), isTemporal: true },
  'shifted by 1 s': { ...reorder((i, { shift }) => i + shift), isTemporal: true },
  'half the frame rate': { ...reorder((i, { start }) => start + 2 * Math.floor((i - start) / 2)), isTemporal: true },
  'down-scaled and up again': { filter: ({ width, height }) => `scale=${width / 2}:${height / 2}:flags=bilinear,scale=${width}:${height}:flags=bilinear` },
  'heavily quantized': { coding: ['-qp', '46'] },
  'a logo over 4 %': { frames: paintLogo },
  mirrored: { filter: () => 'hflip' },
  'sound missing': { sound: 'volume=0' },
  'sound of another stream': { sound: 'other' },
  'wrong dimensions': { filter: ({ width, height }) => `scale=${2 * Math.floor(width / 4)}:${2 * Math.floor(height / 4)}` },
}
