/** Camera and microphone: opening them, the menus that choose between them, the microphone's level. */

import { StreamflowError, type ErrorCode } from '@streamflow/sdk/errors'

/** What to open. An empty device id means the browser's default. */
export interface CameraChoice {
  readonly cameraId: string
  readonly microphoneId: string
  /** Pixels. */
  readonly width: number
  readonly height: number
}

const framesPerSecond = 30
const codes: Readonly<Record<string, ErrorCode>> = {
  NotAllowedError: 'DeviceDenied',
  SecurityError: 'DeviceDenied',
  NotFoundError: 'DeviceNotFound',
  OverconstrainedError: 'DeviceNotFound',
  NotReadableError: 'DeviceBusy',
  AbortError: 'DeviceBusy',
}

/**
 * Opens camera and microphone; without any microphone, the camera alone.
 * @throws {@link StreamflowError} `DeviceDenied`, `DeviceNotFound`, `DeviceBusy`, `Unsupported` without a secure context
 */
export async function openCamera({ cameraId, microphoneId, width, height }: CameraChoice): Promise<MediaStream> {
  if (!('mediaDevices' in navigator)) throw new StreamflowError('Unsupported', 'no camera access: open the page on https or localhost')
  const exact = (id: string): MediaTrackConstraints => (id === '' ? {} : { deviceId: { exact: id } })
  const video = { ...exact(cameraId), width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: framesPerSecond } }
  const devices = await navigator.mediaDevices.enumerateDevices()
  const hasMicrophone = devices.some((device) => device.kind === 'audioinput')
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: hasMicrophone && { ...exact(microphoneId), echoCancellation: false, noiseSuppression: false, autoGainControl: false } })
  } catch (thrown) {
    const { name, message } = thrown as DOMException
    throw new StreamflowError(codes[name] ?? 'DeviceDenied', `camera: ${message || name}`, { cause: thrown })
  }
}

/** Fills the menus with what is connected and marks what `stream` uses. */
export async function listDevices(menus: { readonly camera: HTMLSelectElement; readonly microphone: HTMLSelectElement }, stream: MediaStream): Promise<void> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  const fill = (menu: HTMLSelectElement, kind: MediaDeviceKind, track: MediaStreamTrack | undefined, none: string): void => {
    const options = devices.filter((device) => device.kind === kind && device.deviceId !== '').map((device, index) => new Option(device.label || `${kind} ${index + 1}`, device.deviceId))
    menu.replaceChildren(...(options.length > 0 ? options : [new Option(none, '')]))
    const used = track?.getSettings().deviceId
    if (used !== undefined) menu.value = used
    menu.disabled = options.length === 0
  }
  fill(menus.camera, 'videoinput', stream.getVideoTracks()[0], 'No camera')
  fill(menus.microphone, 'audioinput', stream.getAudioTracks()[0], 'No microphone')
}

/** @returns stops measuring. `progress` shows the level of the stream's sound, 0…1, ten times a second. */
export function showLevel(stream: MediaStream, progress: HTMLProgressElement): () => void {
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 1_024 })
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
    // −60 dB … 0 dB on the whole width.
    progress.value = Math.min(1, Math.max(0, 1 + Math.log10(rms + 1e-9) / 3))
  }, 100)
  return () => {
    clearInterval(timer)
    void context.close()
  }
}
