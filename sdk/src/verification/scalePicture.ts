/** Scales a picture as transcoders do: bicubic, over as many pixels as become one. The same on every platform. Pure. */

import type { Picture } from './picture.js'

/** For each pixel of a scaled line: where its sources begin, and their weights. */
interface Taps {
  readonly first: Int32Array
  readonly weights: Float32Array
  readonly count: number
}

/** Catmull-Rom's kernel has this radius, and this sharpness. */
const radius = 2
const sharpness = -0.5

function weigh(distance: number): number {
  const x = Math.abs(distance)
  if (x >= radius) return 0
  if (x <= 1) return (sharpness + 2) * x ** 3 - (sharpness + 3) * x ** 2 + 1
  return sharpness * (x ** 3 - 5 * x ** 2 + 8 * x - 4)
}

function computeTaps(from: number, to: number): Taps {
  const ratio = from / to
  const reach = Math.max(1, ratio)
  const count = Math.min(from, Math.ceil(2 * radius * reach))
  const first = new Int32Array(to)
  const weights = new Float32Array(to * count)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * ratio - 0.5
    const start = Math.min(Math.max(0, Math.round(centre - count / 2 + 0.5)), from - count)
    first[i] = start
    let sum = 0
    for (let tap = 0; tap < count; tap++) sum += weights[i * count + tap] = weigh((start + tap - centre) / reach)
    for (let tap = 0; tap < count; tap++) weights[i * count + tap]! /= sum
  }
  return { first, weights, count }
}

interface Size {
  readonly width: number
  readonly height: number
}

function scalePlane(plane: Uint8Array, from: Size, to: Size): Uint8Array {
  const across = computeTaps(from.width, to.width)
  const down = computeTaps(from.height, to.height)
  const lines = new Float32Array(to.width * from.height)
  for (let y = 0; y < from.height; y++) {
    for (let x = 0, row = y * from.width; x < to.width; x++) {
      let sum = 0
      for (let tap = 0, at = row + across.first[x]!, weight = x * across.count; tap < across.count; tap++) sum += plane[at + tap]! * across.weights[weight + tap]!
      lines[y * to.width + x] = sum
    }
  }
  // Of this type a value is rounded, and kept within 0…255.
  const scaled = new Uint8ClampedArray(to.width * to.height)
  const line = new Float32Array(to.width)
  for (let y = 0; y < to.height; y++) {
    line.fill(0)
    for (let tap = 0; tap < down.count; tap++) {
      const weight = down.weights[y * down.count + tap]!
      const row = (down.first[y]! + tap) * to.width
      for (let x = 0; x < to.width; x++) line[x]! += weight * lines[row + x]!
    }
    scaled.set(line, y * to.width)
  }
  return new Uint8Array(scaled.buffer)
}

const half = ({ width, height }: Size): Size => ({ width: Math.ceil(width / 2), height: Math.ceil(height / 2) })

/** @returns the picture itself where it has the size */
export function scalePicture(picture: Picture, { width, height }: Size): Picture {
  if (picture.width === width && picture.height === height) return picture
  const [from, to] = [half(picture), half({ width, height })]
  return { width, height, y: scalePlane(picture.y, picture, { width, height }), u: scalePlane(picture.u, from, to), v: scalePlane(picture.v, from, to) }
}
