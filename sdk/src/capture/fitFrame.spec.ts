/** Frames as phones and odd cameras deliver them. */

import { expect } from 'chai'
import { computeCodedSize, createFrameFitter, getUprightSize } from './fitFrame.js'

/** Left half red, right half blue. */
function makeFrame(width: number, height: number, init: VideoFrameInit & { readonly rotation?: number } = {}): VideoFrame {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')!
  context.fillStyle = 'red'
  context.fillRect(0, 0, width / 2, height)
  context.fillStyle = 'blue'
  context.fillRect(width / 2, 0, width / 2, height)
  return new VideoFrame(canvas, { timestamp: 0, ...init })
}

function colorAt(frame: VideoFrame, x: number, y: number): string {
  const context = new OffscreenCanvas(frame.displayWidth, frame.displayHeight).getContext('2d')!
  context.drawImage(frame, 0, 0)
  const [red = 0, , blue = 0] = context.getImageData(x, y, 1, 1).data
  return red > 128 ? 'red' : blue > 128 ? 'blue' : 'black'
}

describe('createFrameFitter', () => {
  it('passes a frame of the right size with its own pixels, and crops an odd one', () => {
    for (const [width, height] of [[64, 48], [65, 49]] as const) {
      const frame = makeFrame(width, height)
      const fitted = createFrameFitter({ width: 64, height: 48 }).fit(frame, 123)
      expect([fitted.timestamp, fitted.displayWidth, fitted.displayHeight, fitted.format]).to.deep.equal([123, 64, 48, frame.format])
      expect(fitted.visibleRect).to.include({ width: 64, height: 48 })
      fitted.close()
      frame.close()
    }
  })

  it('turns a rotated frame upright', () => {
    const frame = makeFrame(64, 48, { rotation: 90 })
    expect(getUprightSize(frame)).to.deep.equal({ width: 48, height: 64 })
    const size = computeCodedSize(getUprightSize(frame), {})
    const fitted = createFrameFitter(size).fit(frame, 0)
    expect([fitted.displayWidth, fitted.displayHeight]).to.deep.equal([48, 64])
    // Clockwise by a quarter: what was left is on top.
    expect([colorAt(fitted, 24, 10), colorAt(fitted, 24, 54)]).to.deep.equal(['red', 'blue'])
    fitted.close()
    frame.close()
  })

  it('puts another shape into the middle, bars around it', () => {
    const frame = makeFrame(48, 64)
    const fitted = createFrameFitter({ width: 128, height: 64 }).fit(frame, 0)
    expect([5, 50, 78, 122].map((x) => colorAt(fitted, x, 32))).to.deep.equal(['black', 'red', 'blue', 'black'])
    fitted.close()
    frame.close()
  })

  it('scales pixels that are not square', () => {
    const frame = makeFrame(64, 64, { displayWidth: 128, displayHeight: 64 })
    expect(computeCodedSize(getUprightSize(frame), {})).to.deep.equal({ width: 128, height: 64 })
    const fitted = createFrameFitter({ width: 128, height: 64 }).fit(frame, 0)
    expect([3, 60, 68, 125].map((x) => colorAt(fitted, x, 32))).to.deep.equal(['red', 'red', 'blue', 'blue'])
    fitted.close()
    frame.close()
  })
})
