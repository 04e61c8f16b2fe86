import { describe, expect, it } from 'vitest'
import { concatBytes } from './ebml.js'
import { listKeyframeSizes } from './vpx.js'

const vp8Key = Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 0) // as libvpx writes 640×360
/** Profile 0, 8 bits, 4:2:0; 1920×1080. */
const vp9Key = Uint8Array.of(0x82, 0x49, 0x83, 0x42, 0x00, 0x77, 0xf0, 0x43, 0x76, 0) // as libvpx writes it
const vp9Inter = Uint8Array.of(0x86, 0, 1, 2)

describe('the size of a keyframe', () => {
  it('is read from its head, and from nothing else', () => {
    expect(listKeyframeSizes('vp8', vp8Key)).toEqual([{ width: 640, height: 360 }])
    expect(listKeyframeSizes('vp8', Uint8Array.from(vp8Key, (byte, i) => (i === 0 ? byte | 1 : byte)))).toEqual([])
    expect(listKeyframeSizes('vp9', vp9Inter)).toEqual([])
    for (let length = 0; length < 9; length++) {
      expect(listKeyframeSizes('vp8', vp8Key.subarray(0, length))).toEqual([])
      expect(listKeyframeSizes('vp9', vp9Key.subarray(0, length))).toEqual([])
    }
  })

  it('is found within a superframe too, where it is not the first', () => {
    const [size] = listKeyframeSizes('vp9', vp9Key)
    expect(size).toEqual({ width: 1_920, height: 1_080 })
    const index = Uint8Array.of(0xc1, vp9Inter.length, vp9Key.length, 0xc1)
    expect(listKeyframeSizes('vp9', concatBytes([vp9Inter, vp9Key, index]))).toEqual([size])
  })
})
