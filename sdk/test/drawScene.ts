/** Pictures for tests: a striped ground with a disc on it that wanders. */

import type { Picture } from '../src/verification/picture.js'

const size = { width: 192, height: 108 } as const

/** A picture in grey of these values. */
export function toPicture(y: Uint8Array, { width, height }: { readonly width: number; readonly height: number }): Picture {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2)
  return { width, height, y, u: new Uint8Array(chroma).fill(128), v: new Uint8Array(chroma).fill(128) }
}

/** @param at - which picture of the scene; any number */
export function drawScene(at: number): Picture {
  const { width, height } = size
  const y = new Uint8Array(width * height)
  const left = width * (0.4 + 0.3 * Math.sin(at / 5))
  const top = height * (0.5 + 0.3 * Math.cos(at / 7))
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const isDisc = (column - left) ** 2 + (row - top) ** 2 < (height / 5) ** 2
      y[row * width + column] = isDisc ? 210 - (column % 8) * 6 : 60 + Math.floor(column / 12) * 5 + (Math.floor(row / 9) % 2) * 30
    }
  }
  return toPicture(y, size)
}
