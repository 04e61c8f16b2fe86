import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scalePicture } from './scalePicture.js'
import { compare, maxPsnr } from './similarity.js'
import { drawScene, toPicture } from '../../test/drawScene.js'

interface Pair {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly reference: string
  readonly rendition: string
  readonly psnr: number
  readonly ssim: number
}

const { pairs } = JSON.parse(readFileSync(new URL('../../../test/vectors/verification.json', import.meta.url), 'utf8')) as { readonly pairs: readonly Pair[] }

describe('two pictures', () => {
  it.each(pairs)('of which one is $name have the figures that ffmpeg gives them', ({ width, height, reference, rendition, psnr, ssim }) => {
    const read = (base64: string) => toPicture(Buffer.from(base64, 'base64'), { width, height })
    const found = compare(read(reference), read(rendition))
    expect(found.psnr).toBeCloseTo(psnr, 2)
    expect(Math.abs(found.ssim - ssim)).toBeLessThan(0.005)
  })

  it('that are one have nothing between them', () => {
    const picture = drawScene(0)
    expect(compare(picture, picture)).toMatchObject({ ssim: 1, worstTile: 1, psnr: maxPsnr, detail: 1, edges: 1 })
  })

  it('differ in one tile where one has a mark in a corner', () => {
    const picture = drawScene(0)
    const y = picture.y.slice()
    for (let row = 0; row < picture.height / 5; row++) y.fill(row % 2 === 0 ? 235 : 16, row * picture.width, row * picture.width + picture.width / 5)
    const found = compare(picture, { ...picture, y })
    expect(found.worstTile).toBeLessThan(0.2)
    expect(found.ssim).toBeGreaterThan(0.9)
  })

  it('lose their edges where one was made smaller and large again, and keep them under noise', () => {
    const picture = drawScene(0)
    const small = scalePicture(scalePicture(picture, { width: picture.width / 4, height: picture.height / 4 }), picture)
    const noisy = picture.y.map((value, i) => Math.min(255, Math.max(0, value + ((i * 7919) % 17) - 8)))
    expect(compare(picture, small).edges).toBeLessThan(0.35)
    expect(compare(picture, { ...picture, y: noisy }).edges).toBeGreaterThan(0.9)
  })
})

describe('a picture that is scaled', () => {
  it('keeps its mean, and a flat one its value', () => {
    const flat = toPicture(new Uint8Array(64 * 36).fill(77), { width: 64, height: 36 })
    expect(new Set(scalePicture(flat, { width: 50, height: 20 }).y)).toEqual(new Set([77]))
    const mean = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
    const scene = drawScene(0)
    expect(Math.abs(mean(scalePicture(scene, { width: 98, height: 54 }).y) - mean(scene.y))).toBeLessThan(1)
  })

  it('is itself where it has the size', () => {
    const scene = drawScene(0)
    expect(scalePicture(scene, scene)).toBe(scene)
  })
})
