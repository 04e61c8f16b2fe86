/** Which encoder is taken: one that keeps pictures back for long is left for the next codec, where there is one. */

import { expect } from 'chai'
import type { VideoCodecName } from './codecs.js'
import { createVideoEncoding } from './createVideoEncoding.js'

const shape = { width: 160, height: 90, frameRate: 30, bitrate: 300_000 }
const intervalUs = 33_333
const Real = globalThis.VideoEncoder
/** As Firefox's on Linux does, but shorter. */
const lookAhead = 20

/** An encoder of H.264 that gives a picture when it has seen those that come after it. */
class Thinker {
  static isConfigSupported = (config: VideoEncoderConfig): Promise<VideoEncoderSupport> => Real.isConfigSupported(config)
  readonly #real: VideoEncoder
  readonly #seen: [VideoFrame, VideoEncoderEncodeOptions | undefined][] = []
  readonly encodeQueueSize = 0

  constructor(init: VideoEncoderInit) {
    this.#real = new Real(init)
  }
  get state(): CodecState {
    return this.#real.state
  }
  configure(config: VideoEncoderConfig): void {
    this.#real.configure(config)
  }
  encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
    this.#seen.push([frame.clone(), options])
    if (this.#seen.length > lookAhead) this.#pass()
  }
  async flush(): Promise<void> {
    while (this.#seen.length > 0) this.#pass()
    await this.#real.flush()
  }
  close(): void {
    for (const [frame] of this.#seen.splice(0)) frame.close()
    this.#real.close()
  }
  #pass(): void {
    const [frame, options] = this.#seen.shift()!
    this.#real.encode(frame, options)
    frame.close()
  }
}

/** `VideoEncoder` as a browser has it whose H.264 thinks. */
const Choosing = new Proxy(Real, {
  construct(target, [init]: [VideoEncoderInit]) {
    let chosen: VideoEncoder | undefined
    return new Proxy({}, {
      get: (_, name: keyof VideoEncoder) => {
        if (name === 'configure') {
          return (config: VideoEncoderConfig) => {
            chosen ??= config.codec.startsWith('avc1') ? (new Thinker(init) as unknown as VideoEncoder) : new target(init)
            chosen.configure(config)
          }
        }
        const value: unknown = chosen?.[name]
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(chosen) : value
      },
    })
  },
})

async function encode(codecs: readonly VideoCodecName[], count: number): Promise<{ readonly codec: VideoCodecName; readonly firstUs: number; readonly isFirstKey: boolean; readonly outputs: number }> {
  const outputs: { readonly timestampUs: number; readonly isKey: boolean }[] = []
  const errors: unknown[] = []
  const encoding = await createVideoEncoding({ codecs, shape, segmentDurationUs: 1_000_000, onFrame: (frame) => outputs.push(frame), onError: (error) => errors.push(error) })
  const canvas = new OffscreenCanvas(shape.width, shape.height)
  const context = canvas.getContext('2d')!
  for (let index = 0; index < count; index++) {
    context.fillStyle = `hsl(${index * 7} 80% 50%)`
    context.fillRect(0, 0, shape.width, shape.height)
    encoding.encode(new VideoFrame(canvas, { timestamp: index * intervalUs }))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await encoding.flush()
  encoding.close()
  expect(errors).to.deep.equal([])
  return { codec: encoding.codec, firstUs: outputs[0]!.timestampUs, isFirstKey: outputs[0]!.isKey, outputs: outputs.length }
}

describe('an encoder that looks ahead', () => {
  beforeEach(() => {
    globalThis.VideoEncoder = Choosing
  })
  afterEach(() => {
    globalThis.VideoEncoder = Real
  })

  it('is left for the next codec after a few pictures', async () => {
    const { codec, firstUs, isFirstKey } = await encode(['h264', 'vp8'], 30)
    expect(codec).to.equal('vp8')
    expect(isFirstKey).to.equal(true)
    expect(firstUs).to.be.lessThan(lookAhead * intervalUs)
  })

  it('is better than none', async () => {
    const { codec, isFirstKey, outputs } = await encode(['h264'], 60)
    expect(codec).to.equal('h264')
    expect(isFirstKey).to.equal(true)
    expect(outputs).to.be.greaterThan(20)
  })
})

describe('an encoder that gives what it got', () => {
  it('stays, however many pictures come', async () => {
    const { codec, firstUs } = await encode(['h264', 'vp8'], 30)
    expect(codec).to.equal('h264')
    expect(firstUs).to.equal(0)
  })
})
