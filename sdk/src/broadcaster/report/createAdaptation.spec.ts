/** What the real encoder makes of being told to give less, and more again. */

import { expect } from 'chai'
import type { CaptureStats } from '../../capture/captureFigures.js'
import { createCapture, type Capture } from '../../capture/createCapture.js'
import { collectSegments, decodeSegment } from '../../capture/segmentReading.spec.js'
import { openCanvas, stopSources } from '../../capture/testSources.spec.js'
import type { SegmentEvent } from '../../media/segment.js'
import { createAdaptation } from './createAdaptation.js'

/** Seconds pass faster: what takes minutes of patience takes a test too long. */
const tickMs = 200

/** Pictures that cost bits: coarse noise. */
function drawNoise(context: CanvasRenderingContext2D): void {
  const { width, height } = context.canvas
  for (let x = 0; x < width; x += 40) {
    for (let y = 0; y < height; y += 40) {
      context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`
      context.fillRect(x, y, 40, 40)
    }
  }
}

/** A connection that takes so many bits a second of what was captured. */
function createLine(events: ReadableStream<SegmentEvent>) {
  let capacity = Number.POSITIVE_INFINITY
  let captured = 0
  let sent = 0
  let lastMs = performance.now()
  const reader = events.getReader()
  const read = async (): Promise<void> => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) if (next.value.type === 'chunk') captured += next.value.bytes.length
  }
  void read()
  return {
    setCapacity: (bitrate: number): void => void (capacity = bitrate),
    measure(): { capturedBytes: number; unsentBytes: number; elapsedMs: number } {
      const elapsedMs = performance.now() - lastMs
      lastMs += elapsedMs
      sent = Math.min(captured, sent + (capacity * elapsedMs) / 8_000)
      return { capturedBytes: captured, unsentBytes: captured - sent, elapsedMs }
    },
  }
}

const until = (capture: Capture, isIt: (stats: CaptureStats) => boolean): Promise<CaptureStats> =>
  new Promise((resolve) => {
    const off = capture.on('stats', (stats) => {
      if (!isIt(stats)) return
      off()
      resolve(stats)
    })
  })

describe('adaptation', () => {
  afterEach(stopSources)

  it('has fewer bits made for a slow line, then fewer pictures, all of which decode; and more of both when it is free again', async () => {
    const capture = createCapture(openCanvas(640, 360, drawNoise).stream, { video: { bitrate: 1_500_000 } })
    const [forCollector, forLine] = capture.events.tee()
    const collector = collectSegments(forCollector)
    const line = createLine(forLine)
    await collector.readUntil(2)
    const adaptation = createAdaptation({ segmentDurationMs: 1_000, input: collector.header!.format }, capture)
    const said: string[] = []
    const timer = setInterval(() => {
      const { isOtherQuality } = adaptation.tick({ ...line.measure(), isConnected: true, latencyMs: 300, roundTripMs: 20 })
      if (isOtherQuality) said.push(adaptation.quality)
    }, tickMs)
    try {
      line.setCapacity(120_000)
      const slow = await until(capture, ({ frameRate }) => frameRate > 0 && frameRate < 18)
      expect(slow.targetBitrate).to.be.lessThan(172_000)
      expect(adaptation.targetFrameRate).to.be.lessThan(18)
      expect(said).to.include('poor')
      const wasAsked = adaptation.targetBitrate!
      line.setCapacity(20_000_000)
      const free = await until(capture, ({ frameRate }) => frameRate > 22)
      expect(free.targetBitrate).to.be.greaterThan(wasAsked)
    } finally {
      clearInterval(timer)
    }
    await capture.stop()
    await collector.readUntil(Infinity)
    const { segments } = collector
    expect(Math.min(...segments.slice(1, -1).map(({ frames, durationUs }) => frames / (durationUs / 1e6)))).to.be.lessThan(20)
    for (const segment of segments) expect((await decodeSegment(collector.header!, segment)).decodedFrames).to.equal(segment.frames)
  })

  it('sends as many pictures as it is told, never more than the source was allowed', async () => {
    const capture = createCapture(openCanvas(320, 180).stream, { video: { frameRate: 20 } })
    const reading = collectSegments(capture.events).readUntil(Infinity)
    capture.setFrameRate(5)
    await until(capture, ({ frameRate }) => frameRate > 0 && frameRate < 7)
    capture.setFrameRate(60)
    const { frameRate } = await until(capture, (stats) => stats.frameRate > 9)
    expect(frameRate).to.be.lessThan(24)
    expect(() => capture.setFrameRate(0)).to.throw().with.property('code', 'InvalidArgument')
    await capture.stop()
    await reading
  })
})
