import { listDevices, openCamera, openScreen, type PageBroadcast } from '@streamflow/sdk'

/** Another camera. */
export async function switchCamera(live: PageBroadcast): Promise<void> {
  // #region devices
  const { cameras } = await listDevices()
  const camera = await openCamera({ camera: cameras.at(-1)?.id ?? false, microphone: false })
  const [track] = camera.getVideoTracks()
  if (track) live.replaceVideoTrack(track)
  // #endregion devices
}

/** A screen, and back to the camera when its owner ends the sharing. */
export async function shareScreen(live: PageBroadcast): Promise<void> {
  // #region screen
  const [screen] = (await openScreen()).getVideoTracks()
  if (screen) live.replaceVideoTrack(screen)
  live.on('trackEnded', async ({ kind }) => {
    const [camera] = (await openCamera({ microphone: false })).getVideoTracks()
    if (kind === 'video' && camera) live.replaceVideoTrack(camera)
  })
  // #endregion screen
}

/** Silence, black, a picture that stands still. */
export function control(live: PageBroadcast): void {
  // #region controls
  live.setMuted(true) // silence is sent; the track goes on
  live.setHidden(true) // black
  live.setPaused(false) // a picture that stands still, at a fifteenth of the price
  live.setBitrate(1_000_000) // an upper bound for the encoder; the connection may ask for less
  // #endregion controls
}

/** What a page shows of how it goes. */
export function showQuality(live: PageBroadcast, show: (text: string) => void): void {
  // #region quality
  live.on('connectionQuality', ({ quality }) => show(quality)) // excellent, good, poor, lost
  live.on('stats', ({ frameRate, targetBitrate, roundTripMs, framesDropped, orchestrators, costPerMinute, lastsMs }) => {
    console.log(frameRate, targetBitrate, framesDropped, roundTripMs) // pictures of the last second, bit/s asked for, …
    for (const { orchestrator, part, latencyMs } of orchestrators) console.log(orchestrator, part, latencyMs)
    console.log(costPerMinute, lastsMs) // wei; what is left of the budget lasts so long at that
  })
  // #endregion quality
}
