/** What a browser's refusal of a device means to a person. */

import type { ErrorCode } from '../errors/codes.js'
import { StreamflowError } from '../errors/StreamflowError.js'

/** What was to be opened. */
export type DeviceKind = 'camera' | 'microphone' | 'camera or microphone' | 'screen'

/** By the names of the exceptions (Media Capture and Streams, `getUserMedia`). */
const codes: Readonly<Record<string, ErrorCode>> = {
  NotAllowedError: 'DeviceDenied',
  SecurityError: 'DeviceDenied',
  NotFoundError: 'DeviceNotFound',
  OverconstrainedError: 'DeviceNotFound',
  NotReadableError: 'DeviceBusy',
  AbortError: 'DeviceBusy',
  InvalidStateError: 'DeviceDenied',
}

/** Why a permission was not given, as far as the page can tell. */
type Denial = 'policy' | 'blocked' | 'gesture' | 'declined'

const denials: Readonly<Record<Denial, (kind: DeviceKind) => string>> = {
  policy: (kind) => `this document may not use the ${kind}: its Permissions-Policy header, or the frame around it (allow="camera; microphone; display-capture"), forbids it`,
  blocked: (kind) => `the ${kind} is blocked for this page in the browser, which asks no more, or by the system's privacy settings`,
  gesture: (kind) => `the ${kind} is lent in answer to a click alone: ask within its handler, before anything is awaited`,
  declined: (kind) => (kind === 'screen' ? 'no screen was chosen' : `the question for the ${kind} was answered with no, or not at all`),
}

/** @throws {@link StreamflowError} `Unsupported` outside a secure context */
export function findMediaDevices(): MediaDevices {
  const { mediaDevices } = globalThis.navigator as Partial<Navigator>
  if (mediaDevices !== undefined) return mediaDevices
  throw new StreamflowError('Unsupported', 'browsers lend cameras to pages on https or localhost alone: open this one there', { data: { missing: 'mediaDevices' } })
}

/** The error for what a browser threw. `data.device`: what it was about; `data.denied`: `policy`, `blocked`, `gesture` or `declined`. */
export async function createDeviceError(thrown: unknown, { kind }: { readonly kind: DeviceKind }): Promise<StreamflowError> {
  const { name, message } = thrown as DOMException
  const code = codes[name] ?? 'DeviceNotFound'
  const denied = code === 'DeviceDenied' ? await findDenial(kind, name) : undefined
  return new StreamflowError(code, denied === undefined ? describe(code, kind, message || name) : denials[denied](kind), { cause: thrown, data: { device: kind, ...(denied && { denied }) } })
}

function describe(code: ErrorCode, kind: DeviceKind, reason: string): string {
  if (code === 'DeviceBusy') return `the ${kind} is there and gives nothing: another program has it, or its driver failed (${reason})`
  return `there is no such ${kind}: it is not connected, or not any more (${reason})`
}

/** Names of permissions and of policies' features, by kind; browsers know more of them than TypeScript does. */
const features: Readonly<Record<DeviceKind, readonly string[]>> = {
  camera: ['camera'],
  microphone: ['microphone'],
  'camera or microphone': ['camera', 'microphone'],
  screen: ['display-capture'],
}

async function findDenial(kind: DeviceKind, name: string): Promise<Denial> {
  if (name === 'InvalidStateError') return 'gesture'
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(name: string): boolean } }
  const names = features[kind]
  if (featurePolicy !== undefined && !names.every((name) => featurePolicy.allowsFeature(name))) return 'policy'
  // Not every browser can be asked, nor about every name.
  const ask = async (name: string): Promise<string> => (await navigator.permissions.query({ name: name as PermissionName })).state
  const states = await Promise.all(names.map((name) => ask(name).catch(() => 'prompt')))
  return states.includes('denied') ? 'blocked' : 'declined'
}
