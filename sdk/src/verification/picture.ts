/** Decoded pictures, and what is kept of each: a thumb, and of that the mean of each cell of a grid, which every honest encoder preserves. Pure. */

/** A decoded picture, planar 4:2:0, eight bits, without padding: `u` and `v` have half of each side, rounded up. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly y: Uint8Array
  readonly u: Uint8Array
  readonly v: Uint8Array
}

/**
 * Every picture is compared at this size: transcoders scale, blur and drop detail, but what a picture shows is in it, and it
 * costs a tenth of what the whole would.
 */
export const thumbSize = { width: 96, height: 54 } as const

/** Columns and rows of the grid, of three by three of a thumb's pixels: a logo over 4 % of a picture covers two dozen cells. */
export const cellGrid = { columns: 32, rows: 18 } as const
const cells = cellGrid.columns * cellGrid.rows

/** Means of a thumb's cells, 0…255, row by row. */
export interface Sketch {
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
}

/** Pixels that are summed up of an area's side, at most: the mean of a hundred tells as much as that of a thousand. */
const maxSamplesPerSide = 8

/** Means of the areas that a plane is divided into, row by row. */
function averageAreas<T extends Float32Array | Uint8Array>(plane: Uint8Array, { width, height }: Size, { width: columns, height: rows }: Size, means: T): T {
  for (let row = 0, area = 0; row < rows; row++) {
    const top = Math.floor((row * height) / rows)
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / rows))
    const stepY = Math.ceil((bottom - top) / maxSamplesPerSide)
    for (let column = 0; column < columns; column++, area++) {
      const left = Math.floor((column * width) / columns)
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / columns))
      const stepX = Math.ceil((right - left) / maxSamplesPerSide)
      let sum = 0
      let count = 0
      for (let y = top; y < bottom; y += stepY) {
        for (let x = left; x < right; x += stepX) {
          sum += plane[y * width + x]!
          count++
        }
      }
      means[area] = means instanceof Float32Array ? sum / count : Math.round(sum / count)
    }
  }
  return means
}

interface Size {
  readonly width: number
  readonly height: number
}

const half = ({ width, height }: Size): Size => ({ width: Math.ceil(width / 2), height: Math.ceil(height / 2) })

/** A picture at {@link thumbSize}. */
export function computeThumb(picture: Picture): Picture {
  const [from, to] = [half(picture), half(thumbSize)]
  const { y, u, v } = picture
  const [luma, chroma] = [thumbSize.width * thumbSize.height, to.width * to.height]
  return { ...thumbSize, y: averageAreas(y, picture, thumbSize, new Uint8Array(luma)), u: averageAreas(u, from, to, new Uint8Array(chroma)), v: averageAreas(v, from, to, new Uint8Array(chroma)) }
}

/** The sketch of a thumb. */
export function computeSketch(thumb: Picture): Sketch {
  const chroma = half(thumb)
  const grid = { width: cellGrid.columns, height: cellGrid.rows }
  const { y, u, v } = thumb
  return { y: averageAreas(y, thumb, grid, new Float32Array(cells)), u: averageAreas(u, chroma, grid, new Float32Array(cells)), v: averageAreas(v, chroma, grid, new Float32Array(cells)) }
}

/** How much a thumb differs from the one before it: mean difference of its pixels' luma, 0…255. About 0 where an encoder repeats it. */
export function computeChange(before: Picture, { y }: Picture): number {
  let sum = 0
  for (let at = 0; at < y.length; at++) sum += Math.abs(y[at]! - before.y[at]!)
  return sum / y.length
}
