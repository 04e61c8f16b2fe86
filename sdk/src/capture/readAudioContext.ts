/** Reads a track's samples through an AudioWorklet, for browsers without a track processor for audio. */

/** Samples as an audio context gives them. */
export interface ContextSamples {
  readonly planes: readonly Float32Array<ArrayBuffer>[]
  /** Hz */
  readonly sampleRate: number
  /** Microseconds on the context's clock. */
  readonly timestampUs: number
  /** Milliseconds since the epoch. */
  readonly arrivalMs: number
}

interface WorkletBlock {
  readonly planes: readonly Float32Array<ArrayBuffer>[]
  readonly frame: number
}

const sampleRate = 48_000
/** What runs in the audio thread: joins 128-sample quanta to blocks of 960 (20 ms) and posts them. */
const workletSource = `registerProcessor('streamflow-samples', class extends AudioWorkletProcessor {
  constructor() { super(); this.held = []; this.length = 0 }
  process([input]) {
    if (input.length === 0) return true
    if (this.length === 0) this.frame = currentFrame
    this.held.push(input.slice(0, 2).map((plane) => plane.slice()))
    this.length += input[0].length
    if (this.length < 960) return true
    const planes = this.held[0].map((_, channel) => {
      const joined = new Float32Array(this.length)
      let at = 0
      for (const quantum of this.held) { const plane = quantum[channel] ?? quantum[0]; joined.set(plane, at); at += plane.length }
      return joined
    })
    this.port.postMessage({ planes, frame: this.frame }, planes.map((plane) => plane.buffer))
    this.held = []; this.length = 0
    return true
  }
})`

/**
 * Hands over the track's samples in blocks of about 20 ms. A page without a user's gesture may get none until there
 * was one; the stream then has silence.
 * @returns stops reading; the track goes on
 */
export function readAudioContext(track: MediaStreamTrack, onSamples: (samples: ContextSamples) => void): () => void {
  const context = new AudioContext({ sampleRate, latencyHint: 'interactive' })
  let isOver = false
  const start = async (): Promise<void> => {
    const url = URL.createObjectURL(new Blob([workletSource], { type: 'text/javascript' }))
    await context.audioWorklet.addModule(url).finally(() => URL.revokeObjectURL(url))
    if (isOver) return
    const node = new AudioWorkletNode(context, 'streamflow-samples', { numberOfInputs: 1, numberOfOutputs: 0 })
    node.port.onmessage = ({ data }: MessageEvent<WorkletBlock>) => {
      if (isOver) return
      onSamples({ planes: data.planes, sampleRate: context.sampleRate, timestampUs: (data.frame * 1e6) / context.sampleRate, arrivalMs: performance.timeOrigin + performance.now() })
    }
    context.createMediaStreamSource(new MediaStream([track])).connect(node)
    await context.resume()
  }
  // Without samples the stream is a silent one; that is all that a failure here can mean.
  void start().catch(() => undefined)
  return () => {
    isOver = true
    void context.close().catch(() => undefined)
  }
}
