/** Camera and microphone: the menus that choose between them, the microphone's level. */

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
