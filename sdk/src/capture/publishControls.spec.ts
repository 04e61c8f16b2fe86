/** What is published is changed while it runs: tracks replaced, sound muted, pictures hidden, all of it paused, tracks that end. */

import { expect } from 'chai'
import { createCapture, type Capture } from './createCapture.js'
import type { CaptureOptions } from './captureOptions.js'
import { collectSegments, decodeSegment, decodeSound, type SegmentCollector } from './segmentReading.spec.js'
import { openCanvas, openTone, stopSources, type CanvasSource } from './testSources.spec.js'
import type { TrackEnded } from './watchTracks.js'

/** A canvas of one colour that changes a little with each picture, so that each is one. */
function openColour(hue: number, width = 160, height = 90): CanvasSource {
  return openCanvas(width, height, (context, count) => {
    context.fillStyle = `hsl(${hue} 100% ${count % 2 ? 50 : 47}%)`
    context.fillRect(0, 0, context.canvas.width, context.canvas.height)
  })
}
const hues = { red: 0, blue: 240 } as const
type Seen = keyof typeof hues | 'black'

function name([red = 0, green = 0, blue = 0]: Uint8ClampedArray): Seen | 'other' {
  if (red + green + blue < 60) return 'black'
  if (red > 150 && green < 80 && blue < 80) return 'red'
  return blue > 150 && red < 80 && green < 80 ? 'blue' : 'other'
}

/** The colour in the middle of each picture of a segment. */
async function see({ header, segments }: SegmentCollector, index: number): Promise<(Seen | 'other')[]> {
  const colours: (Seen | 'other')[] = []
  const { decodedFrames } = await decodeSegment(header!, segments[index]!, (frame) => {
    const context = new OffscreenCanvas(16, 9).getContext('2d')!
    context.drawImage(frame, 0, 0, 16, 9)
    colours.push(name(context.getImageData(8, 4, 1, 1).data))
  })
  expect(decodedFrames).to.equal(segments[index]!.frames)
  return colours
}

/** Segments after this moment in which nothing is left of what was before. */
async function readFresh(collector: SegmentCollector): Promise<number> {
  const index = collector.segments.length + 1
  await collector.readUntil(index + 1)
  return index
}

/** The loudest sample of a segment. */
async function hear({ header, segments }: SegmentCollector, index: number): Promise<number> {
  const blocks = await decodeSound(header!, [segments[index]!])
  expect(blocks.length).to.be.greaterThan(10)
  // A decoder that begins within a stream has a moment of its own.
  return Math.max(...blocks.slice(4).flatMap(({ samples }) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)))
}

const nextEnded = (capture: Capture): Promise<TrackEnded> => new Promise((resolve) => capture.once('trackEnded', resolve))
/** By each way in which pictures reach the encoder, side by side. */
const each = async (work: (options: CaptureOptions) => Promise<void>): Promise<void> => void (await Promise.all((['page-processor', 'worker-processor', 'video-element'] as const).map((frameSource) => work({ frameSource }))))

describe('what is published', () => {
  afterEach(stopSources)

  it('is another track’s picture and sound once they were replaced, of whatever size and rate, and goes on without a gap', async () => {
    await each(async (options) => {
      const quiet = await openTone({ sampleRate: 48_000, frequency: 440 })
      quiet.setGain(0)
      const loud = await openTone({ sampleRate: 44_100, frequency: 440, isStereo: false })
      const red = openColour(hues.red)
      red.stream.addTrack(quiet.track)
      const [blue] = openColour(hues.blue, 90, 160).stream.getVideoTracks()
      const capture = createCapture(red.stream, options)
      const collector = collectSegments(capture.events)
      await collector.readUntil(2)
      capture.replaceVideoTrack(blue!)
      capture.replaceAudioTrack(loud.track)
      expect(capture.tracks).to.deep.equal({ video: blue, audio: loud.track })
      // Those before may be stopped now: their lights go off.
      for (const track of red.stream.getTracks()) track.stop()
      const fresh = await readFresh(collector)
      await collector.readUntil(fresh + 2)
      await capture.stop()
      expect(new Set(await see(collector, 1))).to.deep.equal(new Set(['red']))
      expect(await hear(collector, 1)).to.be.lessThan(0.02)
      expect(new Set(await see(collector, fresh))).to.deep.equal(new Set(['blue']))
      expect(await hear(collector, fresh)).to.be.greaterThan(0.2)
      const { width, height } = await decodeSegment(collector.header!, collector.segments[fresh]!)
      expect([width, height]).to.deep.equal([160, 90])
      for (const [i, { startUs }] of collector.segments.entries()) if (i > 0) expect(startUs).to.equal(collector.segments[i - 1]!.startUs + collector.segments[i - 1]!.durationUs)
    })
  })

  it('is black and silent while it is hidden and muted, with fewer pictures, and is seen and heard again, also where the source stands still', async () => {
    const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
    const red = openColour(hues.red)
    red.stream.addTrack(tone.track)
    const capture = createCapture(red.stream)
    const collector = collectSegments(capture.events)
    await collector.readUntil(2)
    capture.setHidden(true)
    capture.setMuted(true)
    expect([capture.isHidden, capture.isMuted, capture.isPaused]).to.deep.equal([true, true, false])
    const hidden = await readFresh(collector)
    red.freeze()
    capture.setHidden(false)
    capture.setMuted(false)
    const seen = await readFresh(collector)
    await capture.stop()
    expect(await hear(collector, 1)).to.be.greaterThan(0.2)
    expect(new Set(await see(collector, hidden))).to.deep.equal(new Set(['black']))
    expect(collector.segments[hidden]!.frames).to.be.within(4, 15)
    expect(await hear(collector, hidden)).to.be.lessThan(0.02)
    expect(new Set(await see(collector, seen))).to.deep.equal(new Set(['red']))
    expect(await hear(collector, seen)).to.be.greaterThan(0.2)
  })

  it('is black from its first picture on where it was hidden before', async () => {
    const capture = createCapture(openColour(hues.red).stream)
    capture.setHidden(true)
    const collector = collectSegments(capture.events)
    await collector.readUntil(2)
    await capture.stop()
    for (const index of [0, 1]) expect(new Set(await see(collector, index))).to.deep.equal(new Set(['black']))
  })

  it('stands still in silence while it is paused, and goes on', async () => {
    const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
    const red = openColour(hues.red)
    red.stream.addTrack(tone.track)
    const capture = createCapture(red.stream)
    const collector = collectSegments(capture.events)
    await collector.readUntil(2)
    capture.setPaused(true)
    // What the source gives meanwhile is not seen.
    capture.replaceVideoTrack(openColour(hues.blue).stream.getVideoTracks()[0]!)
    const paused = await readFresh(collector)
    capture.setPaused(false)
    const resumed = await readFresh(collector)
    await capture.stop()
    expect(new Set(await see(collector, paused))).to.deep.equal(new Set(['red']))
    expect(collector.segments[paused]!.frames).to.be.within(1, 4)
    expect(await hear(collector, paused)).to.be.lessThan(0.02)
    expect(new Set(await see(collector, resumed))).to.deep.equal(new Set(['blue']))
    expect(await hear(collector, resumed)).to.be.greaterThan(0.2)
  })

  it('outlives its track: the picture stands still until there is another', async () => {
    await each(async (options) => {
      const red = openColour(hues.red)
      const capture = createCapture(red.stream, { ...options, trackGraceMs: 60_000 })
      const collector = collectSegments(capture.events)
      await collector.readUntil(2)
      const ended = nextEnded(capture)
      const warned = new Promise<string>((resolve) => capture.once('warning', ({ code }) => resolve(code)))
      red.stream.getVideoTracks()[0]!.stop()
      expect(await ended).to.deep.equal({ kind: 'video', graceMs: 60_000 })
      expect(await warned).to.equal('InputAltered')
      const still = await readFresh(collector)
      capture.replaceVideoTrack(openColour(hues.blue).stream.getVideoTracks()[0]!)
      const again = await readFresh(collector)
      await capture.stop()
      expect(new Set(await see(collector, still))).to.deep.equal(new Set(['red']))
      expect(collector.segments[still]!.frames).to.be.within(1, 4)
      expect(new Set(await see(collector, again))).to.deep.equal(new Set(['blue']))
    })
  })

  it('has sound from the beginning where it is to come later', async () => {
    const capture = createCapture(openColour(hues.red).stream, { audio: { always: true } })
    const collector = collectSegments(capture.events)
    await collector.readUntil(2)
    expect(collector.header!.format.audio).to.deep.equal({ codec: 'opus', sampleRate: 48_000, channels: 2 })
    const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
    capture.replaceAudioTrack(tone.track)
    const heard = await readFresh(collector)
    await capture.stop()
    expect(await hear(collector, heard)).to.be.greaterThan(0.2)
  })

  it('is muted and hidden where MediaRecorder captures, which cannot change tracks', async () => {
    const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
    const red = openColour(hues.red)
    red.stream.addTrack(tone.track)
    const capture = createCapture(red.stream, { method: 'mediarecorder' })
    const collector = collectSegments(capture.events)
    await collector.readUntil(2)
    capture.setMuted(true)
    capture.setHidden(true)
    const hidden = await readFresh(collector)
    expect(() => capture.replaceVideoTrack(openColour(hues.blue).stream.getVideoTracks()[0]!)).to.throw().with.property('code', 'Unsupported')
    expect(capture.tracks.video).to.equal(red.stream.getVideoTracks()[0])
    expect(red.stream.getTracks().map(({ enabled }) => enabled)).to.deep.equal([true, true])
    await capture.stop()
    expect(new Set(await see(collector, hidden))).to.deep.equal(new Set(['black']))
    expect(await hear(collector, hidden)).to.be.lessThan(0.02)
  })

  it('refuses what is no track for it', async () => {
    const red = openColour(hues.red)
    const capture = createCapture(red.stream)
    const [ended] = openColour(hues.blue).stream.getVideoTracks()
    ended!.stop()
    const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
    for (const track of [ended, tone.track, undefined]) expect(() => capture.replaceVideoTrack(track as MediaStreamTrack)).to.throw().with.property('code', 'InvalidArgument')
    expect(() => capture.replaceAudioTrack(tone.track)).to.throw().with.property('code', 'InvalidArgument')
    await capture.stop()
  })
})
