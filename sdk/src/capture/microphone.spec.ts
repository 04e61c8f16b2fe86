/** A microphone that is late, ends or falls silent: the pictures go on. */

import { expect } from 'chai'
import { createCapture } from './createCapture.js'
import { readSegments } from './segmentReading.spec.js'
import { openCanvas, openTone, stopSources } from './testSources.spec.js'

describe('a microphone', () => {
  afterEach(stopSources)

  for (const method of ['webcodecs', 'mediarecorder'] as const) {
    it(`that ends takes no picture with it (${method})`, async () => {
      const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
      const { stream } = openCanvas(160, 90)
      stream.addTrack(tone.track)
      const capture = createCapture(stream, { method })
      const warned = new Promise<string>((resolve) => capture.on('warning', ({ code }) => resolve(code)))
      setTimeout(() => {
        tone.track.stop()
        // A page that stops a track hears nothing of it; a device that is unplugged does.
        tone.track.dispatchEvent(new Event('ended'))
      }, 1200)
      const { header, segments } = await readSegments(capture.events, 5)
      await capture.stop()
      expect(header.format.audio?.codec).to.equal('opus')
      expect(await warned).to.equal('InputAltered')
      expect(segments).to.have.lengthOf(5)
      for (const { frames } of segments) expect(frames).to.be.greaterThan(0)
    })
  }

  it('that is muted from the beginning keeps no picture back', async () => {
    const tone = await openTone({ sampleRate: 48_000, frequency: 440 })
    tone.track.enabled = false
    const { stream } = openCanvas(160, 90)
    stream.addTrack(tone.track)
    const capture = createCapture(stream)
    const { segments } = await readSegments(capture.events, 3)
    await capture.stop()
    for (const { frames } of segments) expect(frames).to.be.greaterThan(0)
  })
})

describe('a source', () => {
  afterEach(stopSources)

  it('that gives more pictures than it states is kept to what it states, and somebody is told', async () => {
    const { stream } = openCanvas(160, 90)
    const [track] = stream.getVideoTracks()
    // It states 10 pictures a second and gives 30.
    const getSettings = track!.getSettings.bind(track)
    track!.getSettings = () => ({ ...getSettings(), frameRate: 10 })
    const capture = createCapture(stream)
    const warned = new Promise<string>((resolve) => capture.on('warning', ({ code }) => resolve(code)))
    const { header, segments } = await readSegments(capture.events, 4)
    await capture.stop()
    expect(header.format.video.frameRate).to.equal(10)
    expect(await warned).to.equal('InputAltered')
    for (const { frames } of segments.slice(1)) expect(frames).to.be.within(1, 12)
  })
})
