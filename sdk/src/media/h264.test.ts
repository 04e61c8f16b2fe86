import { describe, expect, it } from 'vitest'
import { concatBytes } from './ebml.js'
import { findExcess, inspectFrame, parseAvcC } from './h264.js'

const sps = Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 1)
const pps = Uint8Array.of(0x68, 0xce, 2)
const avcC = concatBytes([Uint8Array.of(1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, sps.length), sps, Uint8Array.of(1, 0, pps.length), pps])
/** A frame of NAL units with lengths of four bytes. */
const frame = (...nals: readonly Uint8Array[]): Uint8Array => concatBytes(nals.flatMap((nal) => [Uint8Array.of(0, 0, 0, nal.length), nal]))
const idr = Uint8Array.of(0x65, 1, 2, 3)
const slice = Uint8Array.of(0x41, 1, 2, 3)
const recoveryPoint = Uint8Array.of(0x06, 6, 1, 0x80)

describe('H.264 that is passed on', () => {
  const parameters = parseAvcC(avcC)!

  it('has its parameters read', () => {
    expect(parameters.lengthSize).toBe(4)
    expect(parameters.sets.map((set) => [...set])).toEqual([[...sps], [...pps]])
    for (let length = 0; length < avcC.length; length++) expect(parseAvcC(avcC.subarray(0, length))?.sets ?? []).not.toHaveLength(2)
    expect(parseAvcC(undefined)).toBeUndefined()
    const hiding = Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 0, 0, 1, 0x67)
    expect(parseAvcC(concatBytes([Uint8Array.of(1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, hiding.length), hiding, Uint8Array.of(0)]))).toBeUndefined()
  })

  it('begins at IDR pictures only, not at recovery points', () => {
    expect(inspectFrame(frame(sps, pps, idr), parameters)).toEqual({ isIdr: true, isSteady: true })
    expect(inspectFrame(frame(recoveryPoint, slice), parameters)).toEqual({ isIdr: false, isSteady: true })
  })

  it('is not steady when it brings other parameters', () => {
    expect(inspectFrame(frame(Uint8Array.of(0x67, 0x42, 0xc0, 0x1f, 1), pps, idr), parameters).isSteady).toBe(false)
    expect(inspectFrame(frame(sps, Uint8Array.of(0x68, 0xce, 3), idr), parameters).isSteady).toBe(false)
  })

  it('is one picture in a block, of any number of slices', () => {
    const [first, later] = [Uint8Array.of(0x41, 0x9a, 2), Uint8Array.of(0x41, 0x4a, 2)]
    expect(findExcess(frame(recoveryPoint, first, later, later), parameters)).toBeUndefined()
    expect(findExcess(frame(first, later, first), parameters)).toBe('several pictures')
    expect(findExcess(frame(Uint8Array.of(0x65, 0x88, 2), first), parameters)).toBe('several pictures')
  })

  it('is not looked for behind a start code, where decoders find more of it', () => {
    expect(findExcess(frame(Uint8Array.of(0x41, 0x9a, 2, 0, 0, 1, 0x41, 0x9a)), parameters)).toBe('a start code')
    expect(findExcess(frame(Uint8Array.of(0x41, 0x9a, 2, 0, 0, 3, 1, 1)), parameters)).toBeUndefined()
  })

  it('survives a frame that lies about its lengths', () => {
    expect(inspectFrame(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x65), parameters).isSteady).toBe(true)
    expect(inspectFrame(Uint8Array.of(0, 0), parameters).isIdr).toBe(false)
  })
})
