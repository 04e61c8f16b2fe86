import { describe, expect, it } from 'vitest'
import { concatBytes } from './ebml.js'
import { inspectFrame, parseAvcC } from './h264.js'

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
  })

  it('begins at IDR pictures only, not at recovery points', () => {
    expect(inspectFrame(frame(sps, pps, idr), parameters)).toEqual({ isIdr: true, isSteady: true })
    expect(inspectFrame(frame(recoveryPoint, slice), parameters)).toEqual({ isIdr: false, isSteady: true })
  })

  it('is not steady when it brings other parameters', () => {
    expect(inspectFrame(frame(Uint8Array.of(0x67, 0x42, 0xc0, 0x1f, 1), pps, idr), parameters).isSteady).toBe(false)
    expect(inspectFrame(frame(sps, Uint8Array.of(0x68, 0xce, 3), idr), parameters).isSteady).toBe(false)
  })

  it('survives a frame that lies about its lengths', () => {
    expect(inspectFrame(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x65), parameters).isSteady).toBe(true)
    expect(inspectFrame(Uint8Array.of(0, 0), parameters).isIdr).toBe(false)
  })
})
