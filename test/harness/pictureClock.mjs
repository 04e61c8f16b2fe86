// A clock that survives encoding, scaling and decoding: the top rows of a picture carry the time as black and white
// blocks. Both functions run in a page (they are handed over as source), so they use nothing from outside themselves.

/** Blocks across the picture: 32 bits of milliseconds since the epoch, 8 bits that must fit them. */
export const clockBlocks = 40

/**
 * Makes this page's camera a canvas with the clock on a moving picture, and its microphone a changing tone.
 * Runs before the page's own scripts.
 * @param {{ width: number, height: number, framesPerSecond: number, blocks: number }} options
 */
export function installClockCamera({ width, height, framesPerSecond, blocks }) {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d', { alpha: false })
  const blockWidth = width / blocks
  const blockHeight = Math.round(height / 18)
  const draw = () => {
    const now = Date.now()
    const phase = now / 1_000
    // Something to encode: drifting bars and two discs, so that the bitrate is that of a picture in motion.
    for (let i = 0; i < 16; i++) {
      context.fillStyle = `hsl(${(i * 22 + phase * 40) % 360} 55% ${35 + 20 * Math.sin(phase + i)}%)`
      context.fillRect((i * width) / 16, 0, width / 16 + 1, height)
    }
    for (const [speed, color] of [[1.1, '#fff'], [0.7, '#123']]) {
      context.fillStyle = color
      context.beginPath()
      context.arc(width * (0.5 + 0.35 * Math.sin(phase * speed)), height * (0.55 + 0.3 * Math.cos(phase * speed * 1.3)), height / 9, 0, 7)
      context.fill()
    }
    const bits = now % 2 ** 32
    const check = ((bits & 255) ^ ((bits >>> 8) & 255) ^ ((bits >>> 16) & 255) ^ (bits >>> 24) ^ 0xa5) & 255
    for (let i = 0; i < blocks; i++) {
      const bit = i < 32 ? (bits >>> i) & 1 : (check >>> (i - 32)) & 1
      context.fillStyle = bit === 1 ? '#fff' : '#000'
      context.fillRect(i * blockWidth, 0, blockWidth, blockHeight)
    }
  }
  let camera
  const open = () => {
    draw()
    setInterval(draw, 1_000 / framesPerSecond)
    const audio = new AudioContext()
    const tone = new OscillatorNode(audio, { type: 'triangle', frequency: 330 })
    const sweep = new OscillatorNode(audio, { frequency: 0.7 })
    const depth = new GainNode(audio, { gain: 120 })
    const volume = new GainNode(audio, { gain: 0.3 })
    const destination = audio.createMediaStreamDestination()
    sweep.connect(depth).connect(tone.frequency)
    tone.connect(volume).connect(destination)
    tone.start()
    sweep.start()
    return new MediaStream([...canvas.captureStream(framesPerSecond).getVideoTracks(), ...destination.stream.getAudioTracks()])
  }
  navigator.mediaDevices.getUserMedia = async () => (camera ??= open()).clone()
}

/**
 * Reads the clock in every frame that the page's player shows, into `window.clockReadings`: `{ atMs, latencyMs }`, and
 * counts the frames that could not be read in `window.clockMisses`. Runs before the page's own scripts.
 * @param {{ blocks: number }} options
 */
export function installClockReader({ blocks }) {
  window.clockReadings = []
  window.clockMisses = 0
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: blocks * 4, height: 4 })
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })
  const read = (video) => {
    const now = Date.now()
    // The middle half of the clock's rows: its edges are blurred by scaling.
    context.drawImage(video, 0, video.videoHeight / 72, video.videoWidth, video.videoHeight / 36, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    const isWhite = (block) => {
      let sum = 0
      for (let y = 1; y < 3; y++) for (let x = 1; x < 3; x++) sum += data[(y * canvas.width + block * 4 + x) * 4 + 1]
      return sum / 4 > 127
    }
    let bits = 0
    let check = 0
    for (let i = 0; i < 32; i++) if (isWhite(i)) bits += 2 ** i
    for (let i = 0; i < 8; i++) if (isWhite(32 + i)) check += 2 ** i
    const expected = ((bits & 255) ^ ((bits >>> 8) & 255) ^ ((bits >>> 16) & 255) ^ (bits >>> 24) ^ 0xa5) & 255
    if (check === expected) window.clockReadings.push({ atMs: now, latencyMs: (now % 2 ** 32) - bits })
    else window.clockMisses += 1
  }
  addEventListener('DOMContentLoaded', () => {
    const video = document.querySelector('video')
    const next = () => {
      read(video)
      video.requestVideoFrameCallback(next)
    }
    video.requestVideoFrameCallback(next)
  })
}
