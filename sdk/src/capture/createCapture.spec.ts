/** The capture in a real browser: camera, encoder and worker are the real ones; what comes out is read by another library. */

import { expect } from 'chai'
import { decodeSegment, readSegments, type Header, type ReadSegment } from './segmentReading.spec.js'
import { openCamera, openCanvas, stopSources } from './testSources.spec.js'
import { createCapture } from './createCapture.js'
import type { CaptureOptions } from './captureOptions.js'

function assertSegments(header: Header, segments: readonly ReadSegment[]): void {
  segments.forEach((segment, i) => {
    expect(segment.seq).to.equal(i)
    expect(segment.chunks.length).to.be.greaterThan(1)
    if (i > 0) expect(segment.startUs).to.equal(segments[i - 1]!.startUs + segments[i - 1]!.durationUs)
  })
  expect(segments[0]!.startUs).to.equal(0)
  expect(Math.abs(header.startTimeMs - Date.now())).to.be.lessThan(60_000)
}

interface Probe {
  readonly complaints: string
  readonly frames: readonly { readonly media_type: string; readonly key_frame: number; readonly pts_time: string }[]
}

/** What ffprobe says of these bytes. */
async function probe(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Probe> {
  return (await fetch('/probe', { method: 'POST', body: new Blob([...parts]) })).json() as Promise<Probe>
}

/** @returns the last timestamp */
function assertIncreasing(packets: readonly { readonly timestampUs: number }[], after: number): number {
  return packets.reduce((last, { timestampUs }) => {
    expect(timestampUs).to.be.greaterThan(last)
    return timestampUs
  }, after)
}

describe('createCapture', () => {
  afterEach(stopSources)

  it('cuts camera and microphone into segments that decode alone, start with a keyframe and hold sound', async () => {
    const capture = createCapture(await openCamera())
    const { header, segments } = await readSegments(capture.events, 4)
    await capture.stop()

    expect(capture.method).to.equal('webcodecs')
    expect(header.format).to.deep.include({ container: 'matroska', audio: { codec: 'opus', sampleRate: 48_000, channels: 1 } })
    expect(header.format.video).to.deep.include({ codec: 'h264', width: 640, height: 360 })
    assertSegments(header, segments)
    let lastVideoUs = -1
    let lastAudioUs = -1
    for (const segment of segments) {
      const { video, audio, decodedFrames, width, height } = await decodeSegment(header, segment)
      expect(video[0]).to.deep.include({ isKey: true, timestampUs: segment.startUs })
      expect([video.length, decodedFrames, width, height]).to.deep.equal([segment.frames, segment.frames, 640, 360])
      expect(audio.length).to.be.greaterThan(10)
      lastVideoUs = assertIncreasing(video, lastVideoUs)
      lastAudioUs = assertIncreasing(audio, lastAudioUs)
    }
    // The first one ends early, the second on the boundary after it.
    for (const [i, endUs] of [400_000, 1_000_000, 2_000_000].entries()) expect(segments[i]!.startUs + segments[i]!.durationUs).to.be.within(endUs, endUs + 150_000)
    expect(Math.abs(lastVideoUs - lastAudioUs)).to.be.lessThan(200_000)
  })

  it('makes what ffmpeg decodes segment by segment, and as one stream, without a complaint', async () => {
    const capture = createCapture(await openCamera())
    const { header, segments } = await readSegments(capture.events, 3)
    await capture.stop()
    const alone = await Promise.all(segments.map((segment) => probe([header.bytes, ...segment.chunks])))
    const whole = await probe([header.bytes, ...segments.flatMap(({ chunks }) => chunks)])
    for (const [i, { complaints, frames }] of [...alone, whole].entries()) {
      expect(complaints).to.equal('')
      const video = frames.filter(({ media_type: type }) => type === 'video')
      expect(video[0]!.key_frame).to.equal(1)
      expect(video.length).to.equal(i < 3 ? segments[i]!.frames : segments.reduce((sum, segment) => sum + segment.frames, 0))
      // The first segment is the shortest: 0.4 s, in packets of 20 ms.
      expect(frames.filter(({ media_type: type }) => type === 'audio').length).to.be.greaterThan(15)
    }
  })

  it('hands out each frame as soon as it is encoded', async () => {
    const capture = createCapture(await openCamera())
    const { segments } = await readSegments(capture.events, 2)
    await capture.stop()
    for (const segment of segments) expect(segment.chunks.length).to.be.at.least(segment.frames)
  })

  for (const options of [{ frameSource: 'video-element' }, { frameSource: 'worker-processor' }, { method: 'mediarecorder' }] satisfies CaptureOptions[]) {
    it(`does the same by ${JSON.stringify(options)}`, async () => {
      const capture = createCapture(await openCamera(), options)
      const { header, segments } = await readSegments(capture.events, 3)
      await capture.stop()
      assertSegments(header, segments)
      expect(header.format.audio).to.deep.include({ codec: 'opus' })
      for (const segment of segments) {
        const { video, audio, decodedFrames } = await decodeSegment(header, segment)
        expect(video[0]!.isKey).to.equal(true)
        expect(decodedFrames).to.equal(segment.frames)
        expect(audio.length).to.be.greaterThan(10)
      }
    })
  }

  it('makes odd sides even and needs no sound', async () => {
    const capture = createCapture(openCanvas(321, 241).stream)
    const { header, segments } = await readSegments(capture.events, 2)
    await capture.stop()
    expect(header.format.video).to.deep.include({ width: 320, height: 240 })
    expect(header.format.audio).to.equal(undefined)
    for (const segment of segments) expect((await decodeSegment(header, segment)).decodedFrames).to.equal(segment.frames)
  })
})
