/** The verification's worker in a real browser: segments that it captured itself, renditions that ffmpeg made of them. */

import { expect } from 'chai'
import { createCapture } from '../../capture/createCapture.js'
import { readSegments } from '../../capture/segmentReading.spec.js'
import { openCanvas, stopSources } from '../../capture/testSources.spec.js'
import { concatBytes } from '../../media/ebml.js'
import type { Examination, Specimen } from '../../verification/examine.js'
import { openWorkerExaminer } from './openWorkerExaminer.js'

const rendition = { name: '180p', width: 320, height: 180, bitrate: 600_000 }

/** A disc that wanders over stripes. */
function draw(context: CanvasRenderingContext2D, count: number): void {
  for (let i = 0; i < 20; i++) {
    context.fillStyle = i % 2 ? '#446' : '#a86'
    context.fillRect(i * 32, 0, 32, 360)
  }
  context.fillStyle = '#eee'
  context.beginPath()
  context.arc(320 + 200 * Math.sin(count / 25), 180 + 100 * Math.cos(count / 20), 60, 0, 2 * Math.PI)
  context.fill()
}

/** What ffmpeg's filter makes of a segment: its init ends where the fragment begins. */
async function transcode(source: Uint8Array<ArrayBuffer>, filter: string, rate: number, durationUs: number): Promise<Specimen['video']> {
  const response = await fetch(`/transcode?rate=${rate}&seconds=${durationUs / 1e6}&filter=${encodeURIComponent(filter)}`, { method: 'POST', body: new Blob([source]) })
  const file = new Uint8Array(await response.arrayBuffer())
  const view = new DataView(file.buffer)
  let at = 0
  while (String.fromCharCode(...file.subarray(at + 4, at + 8)) !== 'moof') at += view.getUint32(at)
  return { init: file.subarray(0, at), media: file.subarray(at) }
}

/** Noise: of it next to nothing is left at any bitrate that is ordered. */
function drawNoise(context: CanvasRenderingContext2D): void {
  const { width, height } = context.canvas
  const image = context.createImageData(width, height)
  for (let at = 0; at < image.data.length; at += 4) {
    image.data.fill(Math.random() * 255, at, at + 3)
    image.data[at + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

type Look = (filter: string) => Promise<Examination>

/** Captures a segment of what is drawn. @returns looks at what ffmpeg's filter makes of it */
async function prepareLooks(drawing: (context: CanvasRenderingContext2D, count: number) => void): Promise<{ readonly look: Look; readonly close: () => void }> {
  const capture = createCapture(openCanvas(640, 360, drawing).stream)
  const { header, segments } = await readSegments(capture.events, 2)
  await capture.stop()
  stopSources()
  const segment = segments[1]!
  const bytes = concatBytes(segment.chunks)
  const { format: input } = header
  const examiner = await openWorkerExaminer(undefined)
  return {
    close: examiner.close,
    async look(filter) {
      const video = await transcode(concatBytes([header.bytes, bytes]), filter, input.video.frameRate, segment.durationUs)
      // ffmpeg begins at 0.
      return examiner.examine({ source: { header: header.bytes, bytes, input, startUs: 0, durationUs: segment.durationUs }, rendition, video, moments: [0.2, 0.5, 0.8] })
    },
  }
}

describe('openWorkerExaminer', () => {
  let look: Look
  let close: () => void
  before(async () => ({ look, close } = await prepareLooks(draw)))
  after(() => close())

  it('passes an honest rendition of what the browser encoded', async () => {
    const { outcome, faults, metrics } = await look('scale=320:180')
    expect(faults.map(({ text }) => text)).to.deep.equal([])
    expect(outcome).to.equal('passed')
    expect(metrics?.similarity.ssim).to.be.greaterThan(0.9)
  })

  it('finds one that is mirrored, one that stands still, one that is soft, and one of another size', async () => {
    expect(await look('scale=320:180,hflip')).to.deep.include({ outcome: 'failed' })
    const { outcome, faults } = await look('scale=320:180,split[moving][still];[still]trim=end_frame=1[kept];[moving][kept]overlay=eof_action=repeat')
    expect(outcome).to.equal('failed')
    expect(faults.map(({ kind }) => kind)).to.include('motion')
    const soft = await look('scale=160:90,scale=320:180:flags=bilinear')
    expect(soft.outcome).to.equal('failed')
    expect(soft.faults.map(({ kind }) => kind)).to.include('quality')
    expect((await look('scale=160:90')).faults.map(({ kind }) => kind)).to.deep.equal(['dimensions'])
  })

  it('does not fail noise, of which no encoder leaves much, its own neither', async () => {
    const noise = await prepareLooks(drawNoise)
    const { outcome, faults } = await noise.look('scale=320:180')
    noise.close()
    expect(outcome, faults.map(({ text }) => text).join()).to.not.equal('failed')
  })

  it('does not choke on what is no media', async () => {
    const examiner = await openWorkerExaminer(undefined)
    const source = { header: new Uint8Array(8), bytes: new Uint8Array(8), input: { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 30 } }, startUs: 0, durationUs: 1e6 } as const
    const failure = await examiner.examine({ source, rendition, video: { init: new Uint8Array(9), media: new Uint8Array(9) }, moments: [0.5] }).catch((error: unknown) => error)
    examiner.close()
    expect(failure).to.include({ code: 'BadMessage' })
  })
})
