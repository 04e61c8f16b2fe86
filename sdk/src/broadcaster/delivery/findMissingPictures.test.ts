import { expect, test } from 'vitest'
import { findMissingPictures } from './findMissingPictures.js'

const ladder = [{ name: '360p', width: 640, height: 360, bitrate: 800_000 }, { name: '180p', width: 320, height: 180, bitrate: 250_000 }]
const receiptOf = (...frames: readonly number[]): Parameters<typeof findMissingPictures>[0] => ({
  seq: 7, outputs: frames.map((count, i) => ({ rendition: ladder[i]?.name ?? '', frames: count, bytes: 1, hash: `0x${'11'.repeat(32)}` as const })),
})

test('pictures that a rendition lacks are told of, those at an edge are not', () => {
  expect(findMissingPictures(receiptOf(30, 30), ladder, 30)).toBeUndefined()
  expect(findMissingPictures(receiptOf(29, 30), ladder, 30)).toBeUndefined()
  expect(findMissingPictures(receiptOf(30, 12), ladder, 30)).toMatchObject({ code: 'InputAltered', data: { seq: 7, sent: 30, shown: 12 } })
  expect(findMissingPictures(receiptOf(30), ladder, 30)).toMatchObject({ data: { shown: 0 } })
})
