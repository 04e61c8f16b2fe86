/** Decoded pictures, and what is kept of each: the mean of each cell of a grid, which every honest encoder preserves. Pure. */

/** A decoded picture, planar 4:2:0, eight bits, without padding: `u` and `v` have half of each side, rounded up. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly y: Uint8Array
  readonly u: Uint8Array
  readonly v: Uint8Array
}

/** Columns and rows of the grid: a logo over 4 % of a picture covers a dozen of its cells. */
export const cellGrid = { columns: 32, rows: 18 } as const
const cells = cellGrid.columns * cellGrid.rows

/** Means of a picture's cells, 0…255, row by row. */
export interface Sketch {
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
}

/** Pixels that are summed up of a cell's side, at most: the mean of a hundred tells as much as that of a thousand. */
const maxSamplesPerSide = 16

function computeCells(plane: Uint8Array, width: number, height: number): Float32Array {
  const means = new Float32Array(cells)
  for (let row = 0, cell = 0; row < cellGrid.rows; row++) {
    const top = Math.floor((row * height) / cellGrid.rows)
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / cellGrid.rows))
    const stepY = Math.ceil((bottom - top) / maxSamplesPerSide)
    for (let column = 0; column < cellGrid.columns; column++, cell++) {
      const left = Math.floor((column * width) / cellGrid.columns)
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / cellGrid.columns))
      const stepX = Math.ceil((right - left) / maxSamplesPerSide)
      let sum = 0
      let count = 0
      for (let y = top; y < bottom; y += stepY) {
        for (let x = left; x < right; x += stepX) {
          sum += plane[y * width + x]!
          count++
        }
      }
      means[cell] = sum / count
    }
  }
  return means
}

/** The sketch of a picture. */
export function computeSketch({ width, height, y, u, v }: Picture): Sketch {
  const halfWidth = Math.ceil(width / 2)
  const halfHeight = Math.ceil(height / 2)
  return { y: computeCells(y, width, height), u: computeCells(u, halfWidth, halfHeight), v: computeCells(v, halfWidth, halfHeight) }
}

/** Rows of a picture that are compared with the one before it: every third. */
const rowStep = 3

/** How much a picture differs from the one before it: mean difference of its pixels' luma, 0…255. Exactly 0 where an encoder repeats it. */
export function computeChange(before: Picture, { width, height, y }: Picture): number {
  let sum = 0
  let count = 0
  for (let row = 0; row < height; row += rowStep) {
    for (let at = row * width, end = at + width; at < end; at++) sum += Math.abs(y[at]! - before.y[at]!)
    count += width
  }
  return sum / count
}
