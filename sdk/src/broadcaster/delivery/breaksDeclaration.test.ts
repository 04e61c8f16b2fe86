import { describe, expect, it } from 'vitest'
import { breaksDeclaration } from './breaksDeclaration.js'

const job = { segmentDurationMs: 1000, input: { container: 'matroska', video: { codec: 'h264', width: 320, height: 180, frameRate: 25 } } } as const

describe('breaksDeclaration', () => {
  it('lets a segment run over as far as orchestrators do', () => {
    expect(breaksDeclaration({ durationUs: 2_000_000, frames: 51 }, job)).toBe(false)
  })

  it('tells a segment that is too long, and one with more frames than were declared', () => {
    expect(breaksDeclaration({ durationUs: 2_000_001, frames: 1 }, job)).toBe(true)
    expect(breaksDeclaration({ durationUs: 1_000_000, frames: 52 }, job)).toBe(true)
  })
})
