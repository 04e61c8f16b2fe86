/** How a capture behaves: what it is asked at run time, slow readers, sources that freeze, change or end. */

import { expect } from 'chai'
import { checkCapture } from './checkCapture.js'
import type { CaptureStats } from './captureFigures.js'
import { createCapture, type Capture } from './createCapture.js'
import { collectSegments, decodeSegment, readSegments } from './segmentReading.spec.js'
import { openCamera, openCanvas, stopSources } from './testSources.spec.js'

function nextStats(capture: Capture, isIt: (stats: CaptureStats) => boolean): Promise<CaptureStats> {
  return new Promise((resolve) => {
    const off = capture.on('stats', (stats) => {
      if (!isIt(stats)) return
      off()
      resolve(stats)
    })
  })
}

/** Pictures that cost bits: coarse noise. */
function drawNoise(context: CanvasRenderingContext2D): void {
  const { width, height } = context.canvas
  for (let x = 0; x < width; x += 20) {
    for (let y = 0; y < height; y += 20) {
      context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`
      context.fillRect(x, y, 20, 20)
    }
  }
}

async function failureOf(capture: Capture): Promise<{ readonly code?: string; readonly message?: string }> {
  return readSegments(capture.events, 1).then(
    () => ({}),
    (error: { readonly code: string; readonly message: string }) => error,
  )
}

describe('a capture', () => {
  afterEach(stopSources)

  it('changes its bitrate while it runs', async () => {
    const capture = createCapture(openCanvas(320, 180, drawNoise).stream, { video: { bitrate: 2_000_000 } })
    const collector = collectSegments(capture.events)
    await collector.readUntil(3)
    capture.setBitrate(150_000)
    await collector.readUntil(7)
    await capture.stop()
    const bytes: number[] = collector.segments.map(({ chunks }) => chunks.reduce((sum, { length }) => sum + length, 0))
    expect(bytes[6]).to.be.lessThan(bytes[2]! / 2)
    for (const segment of collector.segments) expect((await decodeSegment(collector.header!, segment)).decodedFrames).to.equal(segment.frames)
    expect(() => capture.setBitrate(1)).to.throw().with.property('code', 'InvalidArgument')
  })

  it('tells its numbers', async () => {
    const capture = createCapture(await openCamera())
    const reading = readSegments(capture.events, Infinity)
    const stats = await nextStats(capture, ({ frameRate }) => frameRate > 0)
    expect(stats.bitrate).to.be.greaterThan(0)
    expect(stats.encodeP50Ms).to.be.greaterThan(0)
    expect(stats.encodeP95Ms).to.be.at.least(stats.encodeP50Ms)
    await capture.stop()
    await reading
  })

  for (const method of ['webcodecs', 'mediarecorder'] as const) it(`leaves frames out, never bytes, when the reader is slow (${method})`, async () => {
    const capture = createCapture(openCanvas(320, 180, drawNoise).stream, { method, video: { bitrate: 2_000_000 }, maxQueuedBytes: 50_000 })
    const { framesDroppedByReader } = await nextStats(capture, (stats) => stats.framesDroppedByReader > 15)
    const collector = collectSegments(capture.events)
    await collector.readUntil(3)
    await capture.stop()
    expect(framesDroppedByReader).to.be.greaterThan(15)
    for (const segment of collector.segments) {
      expect(segment.durationUs).to.be.lessThan(4_000_000)
      expect((await decodeSegment(collector.header!, segment)).decodedFrames).to.equal(segment.frames)
    }
  })

  it('goes on when the picture stands still', async () => {
    const { stream, freeze } = openCanvas(320, 180)
    const capture = createCapture(stream)
    const collector = collectSegments(capture.events)
    await collector.readUntil(1)
    freeze()
    await collector.readUntil(4)
    expect(capture.stats?.framesRepeated).to.be.greaterThan(0)
    await capture.stop()
    for (const segment of collector.segments) expect((await decodeSegment(collector.header!, segment)).decodedFrames).to.equal(segment.frames)
  })

  it('keeps one picture size when the source changes its own', async () => {
    const { stream, canvas } = openCanvas(320, 180)
    const capture = createCapture(stream)
    const collector = collectSegments(capture.events)
    await collector.readUntil(1)
    Object.assign(canvas, { width: 180, height: 320 })
    await collector.readUntil(4)
    await capture.stop()
    const last = collector.segments[3]!
    const bars: number[][] = []
    const { decodedFrames, width, height } = await decodeSegment(collector.header!, last, (frame) => {
      const context = new OffscreenCanvas(320, 180).getContext('2d')!
      context.drawImage(frame, 0, 0)
      bars.push([10, 160].map((x) => context.getImageData(x, 90, 1, 1).data.slice(0, 3).reduce((sum, value) => sum + value, 0)))
    })
    expect([decodedFrames, width, height]).to.deep.equal([last.frames, 320, 180])
    // Black beside the upright picture, colour within it.
    expect(bars.at(-1)![0]).to.be.lessThan(90)
    expect(bars.at(-1)![1]).to.be.greaterThan(150)
  })

  it('scales down and slows down to the bounds it was given', async () => {
    const capture = createCapture(await openCamera({ video: { width: 640, height: 360 } }), { video: { maxHeight: 180, frameRate: 10 }, segmentDurationMs: 2000 })
    const { header, segments } = await readSegments(capture.events, 3)
    await capture.stop()
    expect(header.format.video).to.deep.include({ width: 320, height: 180, frameRate: 10 })
    const { width, height } = await decodeSegment(header, segments[2]!)
    expect([width, height]).to.deep.equal([320, 180])
    expect(segments[2]!.frames).to.be.within(14, 21)
    expect(segments[2]!.durationUs).to.be.within(1_800_000, 2_200_000)
  })

  it('gives copies of the source frames it is asked for', async () => {
    const taps: { timestampUs: number; width: number }[] = []
    const capture = createCapture(await openCamera({ video: { width: 640, height: 360 } }), {
      onFrame: (frame, timestampUs) => {
        taps.push({ timestampUs, width: frame.displayWidth })
        frame.close()
      },
    })
    const collector = collectSegments(capture.events)
    await collector.readUntil(2)
    const atUs = collector.segments[1]!.startUs + collector.segments[1]!.durationUs + 500_000
    capture.tapFrame(atUs)
    await collector.readUntil(4)
    await capture.stop()
    expect(taps.length).to.equal(1)
    expect(taps[0]!.width).to.equal(640)
    expect(taps[0]!.timestampUs).to.be.within(atUs, atUs + 200_000)
  })

  for (const codec of ['vp8', 'vp9', 'av1'] as const) {
    it(`encodes ${codec}`, async () => {
      const { videoCodecs } = await checkCapture({ width: 320, height: 180 })
      expect(videoCodecs).to.include(codec)
      const capture = createCapture(openCanvas(320, 180).stream, { video: { codecs: [codec] } })
      const { header, segments } = await readSegments(capture.events, 2)
      await capture.stop()
      expect(header.format.video.codec).to.equal(codec)
      for (const segment of segments) expect((await decodeSegment(header, segment)).decodedFrames).to.equal(segment.frames)
    })
  }

  for (const method of ['webcodecs', 'mediarecorder'] as const) it(`ends with its track where it is given no time for another, with the last segment closed (${method})`, async () => {
    const stream = await openCamera()
    const capture = createCapture(stream, { method, ...(method === 'webcodecs' && { trackGraceMs: 0 }) })
    const collector = collectSegments(capture.events)
    await collector.readUntil(1)
    stream.getVideoTracks()[0]!.stop()
    expect(await collector.readUntil(Infinity)).to.equal(true)
    await capture.stop()
  })

  it('stops: the last segment is closed, the worker is gone, the tracks are the caller’s', async () => {
    const workers: Worker[] = []
    const NativeWorker = globalThis.Worker
    globalThis.Worker = class extends NativeWorker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args)
        workers.push(this)
      }
    }
    try {
      const stream = await openCamera()
      const capture = createCapture(stream)
      const collector = collectSegments(capture.events)
      await collector.readUntil(1)
      await Promise.all([capture.stop(), capture.stop()])
      expect(await collector.readUntil(Infinity)).to.equal(true)
      expect(stream.getTracks().map(({ readyState }) => readyState)).to.deep.equal(['live', 'live'])
      let answers = 0
      workers[0]!.onmessage = () => answers++
      workers[0]!.postMessage({ type: 'stop' })
      // A worker that lives answers `stop` with `ended`; another one gets its time to do so.
      const other = createCapture(stream, { stopTracks: true })
      await readSegments(other.events, 1)
      await other.stop()
      expect(answers).to.equal(0)
      expect(stream.getTracks().map(({ readyState }) => readyState)).to.deep.equal(['ended', 'ended'])
    } finally {
      globalThis.Worker = NativeWorker
    }
  })

  it('fails with a code: aborted, nothing to capture, options out of range', async () => {
    const controller = new AbortController()
    const aborted = createCapture(await openCamera(), { signal: controller.signal })
    const failing = failureOf(aborted)
    controller.abort()
    expect((await failing).code).to.equal('Aborted')
    await aborted.stop()

    for (const method of ['webcodecs', 'mediarecorder'] as const) {
      const silent = createCapture(document.createElement('canvas').captureStream(0), { method, firstFrameTimeoutMs: 300 })
      expect((await failureOf(silent)).code).to.equal('DeviceNotFound')
    }

    const camera = await openCamera()
    expect(() => createCapture(new MediaStream())).to.throw().with.property('code', 'InvalidArgument')
    expect(() => createCapture(camera, { segmentDurationMs: 500 })).to.throw().with.property('code', 'InvalidArgument')
    expect(() => createCapture(camera, { video: { bitrate: 1 } })).to.throw().with.property('code', 'InvalidArgument')
  })

  it('takes its worker from an address, and does without one where it must', async () => {
    const hosted = createCapture(await openCamera(), { workerUrl: '/base/captureWorker.js' })
    await readSegments(hosted.events, 1)
    expect(hosted.method).to.equal('webcodecs')
    await hosted.stop()

    const refused = createCapture(await openCamera(), { workerUrl: '/base/absent.js' })
    await readSegments(refused.events, 1)
    expect(refused.method).to.equal('mediarecorder')
    await refused.stop()

    const strict = createCapture(await openCamera(), { workerUrl: '/base/absent.js', method: 'webcodecs' })
    expect((await failureOf(strict)).code).to.equal('Unsupported')
  })

  it('keeps its rate while nobody sees the page, where pictures come from an element that presents none then', async () => {
    const { requestVideoFrameCallback } = HTMLVideoElement.prototype
    let isHidden = false
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden })
    const hide = (next: boolean): void => {
      isHidden = next
      document.dispatchEvent(new Event('visibilitychange'))
    }
    const capture = createCapture(await openCamera(), { frameSource: 'video-element' })
    try {
      const collector = collectSegments(capture.events)
      await collector.readUntil(2)
      HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0
      hide(true)
      const from = collector.segments.length + 1
      await collector.readUntil(from + 2)
      // Twice a second is what a source that stands still gets.
      expect(collector.segments[from]!.frames).to.be.greaterThan(6)
      hide(false)
    } finally {
      HTMLVideoElement.prototype.requestVideoFrameCallback = requestVideoFrameCallback
      delete (document as { hidden?: boolean }).hidden
      await capture.stop()
    }
  })

  it('stops when its events are cancelled', async () => {
    const stream = await openCamera()
    const capture = createCapture(stream, { stopTracks: true })
    const reader = capture.events.getReader()
    await reader.read()
    await reader.cancel()
    await capture.stop()
    expect(stream.getTracks().every(({ readyState }) => readyState === 'ended')).to.equal(true)
  })
})
