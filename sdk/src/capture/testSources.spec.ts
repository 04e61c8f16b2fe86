/** For tests in the browser: streams to capture, stopped by `stopSources`. */

const tracks: MediaStreamTrack[] = []
const closers: (() => void)[] = []

/** The fake camera, with the fake microphone unless told otherwise. */
export async function openCamera(constraints: MediaStreamConstraints = { video: { width: 640, height: 360 }, audio: true }): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia(constraints)
  tracks.push(...stream.getTracks())
  return stream
}

/** A canvas and the stream of its pictures. */
export interface CanvasSource {
  readonly stream: MediaStream
  readonly canvas: HTMLCanvasElement
  readonly context: CanvasRenderingContext2D
  /** Stops drawing; the stream goes on without a new picture. */
  freeze(): void
}

/** A canvas that `draw` changes 30 times a second (by default: its colour). */
export function openCanvas(width: number, height: number, draw?: (context: CanvasRenderingContext2D, count: number) => void): CanvasSource {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')!
  let count = 0
  const drawNext = (): void => {
    if (draw) return draw(context, count++)
    context.fillStyle = count++ % 2 ? 'orange' : 'teal'
    context.fillRect(0, 0, canvas.width, canvas.height)
  }
  drawNext()
  const timer = setInterval(drawNext, 33)
  const freeze = (): void => clearInterval(timer)
  closers.push(freeze)
  const stream = canvas.captureStream(30)
  tracks.push(...stream.getTracks())
  return { stream, canvas, context, freeze }
}

/** A tone from an audio context of the given rate, whose loudness can be set. */
export async function openTone({ sampleRate, frequency, isStereo = true }: { readonly sampleRate: number; readonly frequency: number; readonly isStereo?: boolean }): Promise<{ readonly track: MediaStreamTrack; setGain(gain: number): void }> {
  const context = new AudioContext({ sampleRate, latencyHint: 'interactive' })
  closers.push(() => void context.close())
  const oscillator = new OscillatorNode(context, { frequency })
  const gain = new GainNode(context, { gain: 0.5 })
  const destination = new MediaStreamAudioDestinationNode(context, { channelCount: isStereo ? 2 : 1 })
  oscillator.connect(gain).connect(destination)
  oscillator.start()
  await context.resume()
  const [track] = destination.stream.getAudioTracks()
  tracks.push(track!)
  return { track: track!, setGain: (value) => gain.gain.setValueAtTime(value, context.currentTime) }
}

/** Ends all that was opened. */
export function stopSources(): void {
  for (const track of tracks.splice(0)) track.stop()
  for (const close of closers.splice(0)) close()
}
