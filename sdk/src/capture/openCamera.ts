/** Opens cameras, microphones and screens: the device that was picked or none, and failures that say what a person can do. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { createDeviceError, findMediaDevices } from './deviceErrors.js'

/** What to open. */
export interface CameraOptions {
  /** Id of a camera (see `listDevices`): this one or none. `false`: no picture. @default the browser's choice */
  readonly camera?: string | false
  /** Id of a microphone: this one or none. `false`: no sound. @default the browser's choice, and no sound where there is no microphone */
  readonly microphone?: string | false
  /** Which way the camera should look, where none was picked. */
  readonly facing?: 'user' | 'environment'
  /** Pixels and pictures a second that are wished for; the camera gives what comes nearest. @default 1280, 720, 30 */
  readonly width?: number
  readonly height?: number
  readonly frameRate?: number
  /** Whether the browser may take echo and noise out of the sound and level it: good for speech, bad for music. @default true */
  readonly isSpeech?: boolean
}

const defaults = { width: 1280, height: 720, frameRate: 30 } as const

/**
 * Opens a camera with its microphone, or one of the two. Stop the tracks when they are no longer needed.
 *
 * Sizes and rates are wishes: what the device cannot do does not keep it from opening. A device that was picked is opened or
 * nothing is, never another one.
 *
 * @throws {@link StreamflowError} `DeviceDenied`, `DeviceNotFound`, `DeviceBusy`; `Unsupported` outside a secure context;
 *   `InvalidArgument` if there is nothing to open
 * @example
 * const stream = await openCamera({ camera: chosen.id })
 * live.replaceVideoTrack((await openCamera({ camera: other.id, microphone: false })).getVideoTracks()[0])
 */
export async function openCamera(options: CameraOptions = {}): Promise<MediaStream> {
  const { camera, microphone } = options
  if (camera === false && microphone === false) throw new StreamflowError('InvalidArgument', 'camera, microphone: expected at least one that is not false', { data: { option: 'camera' } })
  const devices = findMediaDevices()
  const video = camera !== false && describePicture(options)
  const audio = microphone !== false && (isPicked(microphone) || camera === false || (await hasMicrophone(devices))) && describeSound(options)
  return open(devices, { video, audio })
}

/**
 * Opens a screen, a window or a tab that the user chooses, with its sound where the browser gives any. The tracks end when
 * the user ends the sharing.
 * @throws {@link StreamflowError} `DeviceDenied` if none was chosen, `DeviceBusy`, `Unsupported`
 */
export async function openScreen(options: Pick<CameraOptions, 'frameRate'> & { readonly sound?: boolean } = {}): Promise<MediaStream> {
  const devices = findMediaDevices()
  // Not on phones.
  if (typeof devices.getDisplayMedia !== 'function') throw new StreamflowError('Unsupported', 'this browser shares no screens', { data: { missing: 'getDisplayMedia' } })
  try {
    return await devices.getDisplayMedia({ video: { frameRate: { ideal: options.frameRate ?? defaults.frameRate } }, audio: options.sound ?? true })
  } catch (thrown) {
    throw await createDeviceError(thrown, { kind: 'screen' })
  }
}

async function hasMicrophone(devices: MediaDevices): Promise<boolean> {
  return (await devices.enumerateDevices()).some(({ kind }) => kind === 'audioinput')
}

interface Wanted {
  readonly video: false | MediaTrackConstraints
  readonly audio: false | MediaTrackConstraints
}

async function open(devices: MediaDevices, wanted: Wanted): Promise<MediaStream> {
  try {
    return await devices.getUserMedia(wanted)
  } catch (thrown) {
    const { constraint } = thrown as { constraint?: string }
    // Browsers that take a wish for a condition (and drivers that answer so) get none but the device.
    const canAskForLess = (thrown as DOMException).name === 'OverconstrainedError' && constraint !== 'deviceId'
    if (canAskForLess) return openBare(devices, wanted)
    throw await createDeviceError(thrown, describeFailed(wanted))
  }
}

async function openBare(devices: MediaDevices, { video, audio }: Wanted): Promise<MediaStream> {
  const keepDevice = (constraints: false | MediaTrackConstraints): boolean | MediaTrackConstraints => constraints && (constraints.deviceId === undefined ? true : { deviceId: constraints.deviceId })
  try {
    return await devices.getUserMedia({ video: keepDevice(video), audio: keepDevice(audio) })
  } catch (thrown) {
    throw await createDeviceError(thrown, describeFailed({ video, audio }))
  }
}

function describeFailed({ video, audio }: Wanted): { readonly kind: 'camera' | 'microphone' | 'camera or microphone' } {
  return { kind: video && audio ? 'camera or microphone' : video ? 'camera' : 'microphone' }
}

/** An empty id is what a menu gives whose entry stands for no device. */
const isPicked = (id: string | false | undefined): id is string => typeof id === 'string' && id !== ''
const exactly = (id: string | false | undefined): MediaTrackConstraints => (isPicked(id) ? { deviceId: { exact: id } } : {})

function describePicture({ camera, facing, width = defaults.width, height = defaults.height, frameRate = defaults.frameRate }: CameraOptions): MediaTrackConstraints {
  return { ...exactly(camera), ...(facing && { facingMode: { ideal: facing } }), width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate } }
}

function describeSound({ microphone, isSpeech = true }: CameraOptions): MediaTrackConstraints {
  return { ...exactly(microphone), echoCancellation: isSpeech, noiseSuppression: isSpeech, autoGainControl: isSpeech }
}
