/** The sound of a capture: rates, channels, its place beside the picture, browsers that record MP4 only. */

import { expect } from 'chai'
import { createCapture } from './createCapture.js'
import { decodeSegment, decodeSound, readSegments } from './segmentReading.spec.js'
import { openCamera, openCanvas, openTone, stopSources } from './testSources.spec.js'

/** Frequency by the median distance of upward zero crossings: a gap on a busy machine does not change the pitch. */
function measureFrequency(samples: Float32Array, sampleRate: number): number {
  const crossings: number[] = []
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1]!, samples[i]!]
    if (before < 0 && after >= 0) crossings.push(i - after / (after - before))
  }
  const periods = crossings.slice(1).map((at, i) => at - crossings[i]!).sort((a, b) => a - b)
  return sampleRate / periods[periods.length >> 1]!
}

describe('the sound of a capture', () => {
  afterEach(stopSources)

  for (const frameSource of ['page-processor', 'video-element'] as const) {
    it(`keeps its pitch from a source of 44.1 kHz (${frameSource})`, async () => {
      const tone = await openTone({ sampleRate: 44_100, frequency: 441 })
      const { stream } = openCanvas(160, 90)
      stream.addTrack(tone.track)
      const capture = createCapture(stream, { frameSource })
      const { header, segments } = await readSegments(capture.events, 3)
      await capture.stop()
      expect(header.format.audio).to.deep.equal({ codec: 'opus', sampleRate: 48_000, channels: 2 })
      const blocks = (await decodeSound(header, segments)).filter(({ timeS }) => timeS > 0.5)
      const joined = new Float32Array(blocks.reduce((sum, { samples }) => sum + samples.length, 0))
      blocks.reduce((at, { samples }) => (joined.set(samples, at), at + samples.length), 0)
      expect(measureFrequency(joined, blocks[0]!.sampleRate)).to.be.closeTo(441, 9)
      for (let i = 1; i < blocks.length; i++) expect(blocks[i]!.timeS - blocks[i - 1]!.timeS).to.be.within(0.005, 0.06)
    })
  }

  it('stays beside the picture', async () => {
    const tone = await openTone({ sampleRate: 48_000, frequency: 1000 })
    tone.setGain(0)
    // Every 45 frames, white and loud for 10 frames.
    const source = openCanvas(160, 90, (context, count) => {
      const isOn = count % 45 >= 35
      if (count % 45 === 35) tone.setGain(1)
      if (count % 45 === 0) tone.setGain(0)
      context.fillStyle = isOn ? 'white' : count % 2 ? 'black' : '#101010'
      context.fillRect(0, 0, 160, 90)
    })
    source.stream.addTrack(tone.track)
    const capture = createCapture(source.stream)
    const { header, segments } = await readSegments(capture.events, 6)
    await capture.stop()

    const flashes: number[] = []
    let wasWhite = false
    for (const segment of segments) {
      await decodeSegment(header, segment, (frame) => {
        const context = new OffscreenCanvas(4, 4).getContext('2d')!
        context.drawImage(frame, 0, 0, 4, 4)
        const isWhite = context.getImageData(1, 1, 1, 1).data[0]! > 128
        if (isWhite && !wasWhite) flashes.push(frame.timestamp / 1e6)
        wasWhite = isWhite
      })
    }
    const beeps: number[] = []
    let lastLoud = -1
    for (const { timeS, sampleRate, samples } of await decodeSound(header, segments)) {
      samples.forEach((sample, i) => {
        if (Math.abs(sample) < 0.1) return
        const atS = timeS + i / sampleRate
        if (atS - lastLoud > 0.3) beeps.push(atS)
        lastLoud = atS
      })
    }
    const offsets = flashes.map((flash) => beeps.map((beep) => beep - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0]!)
    expect(flashes.length).to.be.greaterThan(2)
    console.log(`sound after picture, ms: ${offsets.map((offset) => Math.round(offset * 1000)).join(' ')}`)
    for (const offset of offsets) expect(Math.abs(offset)).to.be.lessThan(0.1)
  })

  it('is left out when it is not wanted', async () => {
    const capture = createCapture(await openCamera(), { audio: false })
    const { header, segments } = await readSegments(capture.events, 1)
    await capture.stop()
    expect(header.format.audio).to.equal(undefined)
    expect((await decodeSegment(header, segments[0]!)).audio).to.deep.equal([])
  })

  it('is there too where MediaRecorder makes nothing but MP4', async () => {
    const isTypeSupported = MediaRecorder.isTypeSupported
    MediaRecorder.isTypeSupported = (type) => type.startsWith('video/mp4') && isTypeSupported.call(MediaRecorder, type)
    try {
      const capture = createCapture(await openCamera(), { method: 'mediarecorder' })
      const { header, segments } = await readSegments(capture.events, 3)
      await capture.stop()
      expect(header.format.video.codec).to.equal('h264')
      for (const segment of segments) {
        const { video, audio, decodedFrames } = await decodeSegment(header, segment)
        expect(video[0]!.isKey).to.equal(true)
        expect(decodedFrames).to.equal(segment.frames)
        expect(audio.length).to.be.greaterThan(10)
      }
    } finally {
      MediaRecorder.isTypeSupported = isTypeSupported
    }
  })
})
