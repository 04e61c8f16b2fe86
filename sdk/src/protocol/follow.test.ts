import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFollowFrame, FollowReader, maxFollowFrameBytes, type FollowFrame } from './follow.js'

const track = fc.constantFrom('picture' as const, 'sound' as const)
const seq = fc.nat(0xffff_ffff)
const startUs = fc.nat(Number.MAX_SAFE_INTEGER)
const durationUs = fc.nat(0xffff_ffff)
const bytes = fc.uint8Array({ maxLength: 100 })
const frame: fc.Arbitrary<FollowFrame> = fc.oneof(
  fc.record({ kind: fc.constant('init' as const), track, bytes }),
  fc.record({ kind: fc.constant('part' as const), track, seq, index: fc.nat(0xffff), startUs, durationUs, isIndependent: fc.boolean(), bytes }),
  fc.record({ kind: fc.constant('segment' as const), track, seq, startUs, durationUs, isGap: fc.boolean() }),
  fc.record({ kind: fc.constant('end' as const), isOver: fc.boolean(), nextSeq: seq }),
)

describe('frames of a follow response', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 60 })), (frames, cuts) => {
        const all = Buffer.concat(frames.map((each) => encodeFollowFrame(each)))
        const reader = new FollowReader()
        const read: FollowFrame[] = []
        let at = 0
        for (const cut of [...cuts, all.length]) {
          read.push(...reader.read(all.subarray(at, at + cut)).map((each) => ('bytes' in each ? { ...each, bytes: Uint8Array.from(each.bytes) } : each)))
          at += cut
        }
        expect(read).toEqual(frames)
      }),
    )
  })

  it('are left out when of a kind that is not known', () => {
    expect(new FollowReader().read(Uint8Array.of(0, 0, 0, 2, 99, 1))).toEqual([])
  })

  it.each([
    ['too large', [0xff, 0xff, 0xff, 0xff, 0]],
    ['empty', [0, 0, 0, 0, 0]],
    ['of an unknown track', [0, 0, 0, 2, 1, 7]],
    ['too short for their fields', [0, 0, 0, 3, 2, 0, 0]],
    ['of a head that is no JSON', [0, 0, 0, 2, 0, 0x7b]],
  ])('are refused when %s', (_what, given) => {
    expect(() => new FollowReader().read(Uint8Array.from(given))).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(maxFollowFrameBytes).toBeGreaterThan(0)
  })
})
