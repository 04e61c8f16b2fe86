import { describe, expect, it } from 'vitest'
import { createFramePacer, type FramePaceSample } from './createFramePacer.js'

function create({ width = 1280, height = 720, frameRate = 30 } = {}) {
  const asked: number[] = []
  const pacer = createFramePacer({ width, height, frameRate, setFrameRate: (rate) => void asked.push(Math.round(rate)) })
  const pass = (seconds: number, sample: Partial<FramePaceSample> = {}): void => {
    for (let second = 0; second < seconds; second++) pacer.tick({ bitrate: undefined, droppedShare: 0, ...sample })
  }
  return { asked, pacer, pass }
}

describe('pictures a second', () => {
  it('are all of them while there are bits and an encoder for them', () => {
    const { asked, pacer, pass } = create()
    pass(30)
    pass(30, { bitrate: 3e6 })
    expect(asked).toEqual([])
    expect(pacer.target).toBe(30)
  })

  it('become fewer with the bits, and all again with them, not to and fro', () => {
    const { asked, pass } = create()
    pass(1, { bitrate: 600_000 })
    expect(asked).toEqual([20])
    pass(1, { bitrate: 300_000 })
    expect(asked).toEqual([20, 10])
    // Just enough for the next rate is not enough to go back to it.
    pass(20, { bitrate: 350_000 })
    expect(asked).toEqual([20, 10])
    pass(1, { bitrate: 3e6 })
    expect(asked).toEqual([20, 10, 30])
  })

  it('become fewer while the encoder is behind, after two bad seconds in a row', () => {
    const { asked, pass } = create()
    pass(1, { droppedShare: 0.5 })
    pass(1)
    pass(1, { droppedShare: 0.5 })
    expect(asked).toEqual([])
    pass(1, { droppedShare: 0.5 })
    expect(asked).toEqual([20])
    pass(2, { droppedShare: 0.5 })
    expect(asked).toEqual([20, 15])
  })

  it('are given back to an encoder that has room, later each time that it fell behind again', () => {
    const { pacer, pass } = create()
    const countUntilFull = (): number => {
      let seconds = 0
      while (pacer.target < 30) {
        pass(1)
        seconds++
      }
      return seconds
    }
    pass(2, { droppedShare: 0.5 })
    const first = countUntilFull()
    pass(2, { droppedShare: 0.5 })
    const second = countUntilFull()
    expect(first).toBe(10)
    expect(second).toBe(20)
    for (let i = 0; i < 12; i++) {
      pass(2, { droppedShare: 0.5 })
      countUntilFull()
    }
    pass(2, { droppedShare: 0.5 })
    expect(countUntilFull()).toBeLessThanOrEqual(80)
  })

  it('are never fewer than movement takes', () => {
    const { asked, pass } = create({ frameRate: 15 })
    pass(60, { bitrate: 10_000, droppedShare: 1 })
    expect(asked.every((rate) => rate >= 8)).toBe(true)
    const slow = create({ frameRate: 5 })
    slow.pass(60, { bitrate: 10_000, droppedShare: 1 })
    expect(slow.asked).toEqual([])
  })

  it('are not taken for want of bits where the picture is small', () => {
    const { asked, pass } = create({ width: 320, height: 180 })
    pass(5, { bitrate: 100_000 })
    expect(asked).toEqual([])
  })
})
