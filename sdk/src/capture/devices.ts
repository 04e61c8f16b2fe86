/** Which cameras and microphones there are, for menus. */

import { findMediaDevices } from './deviceErrors.js'

/** A camera or a microphone. */
export interface Device {
  /** For `openCamera`. Stays the same for this site while it may use devices. */
  readonly id: string
  /** As the system names it; `Camera 1`, `Microphone 2`, … before the page was allowed to know. */
  readonly name: string
  /** Whether the system takes it where none is picked. */
  readonly isDefault: boolean
}

/** What is connected. */
export interface Devices {
  readonly cameras: readonly Device[]
  readonly microphones: readonly Device[]
  /** Whether the page knows names and ids: it does once it was allowed to use a device. */
  readonly isNamed: boolean
}

/** Entries that stand for another one: the system's choice for all, and for calls. */
const aliases = ['default', 'communications']

/**
 * Lists what is connected. Asks the user for nothing; before the page was allowed to use a device, browsers say of each kind
 * only whether there is one, and the lists are empty.
 * @throws {@link StreamflowError} `Unsupported` outside a secure context
 */
export async function listDevices(): Promise<Devices> {
  const found = await findMediaDevices().enumerateDevices()
  return { cameras: pick(found, 'videoinput', 'Camera'), microphones: pick(found, 'audioinput', 'Microphone'), isNamed: found.some(({ label }) => label !== '') }
}

function pick(found: readonly MediaDeviceInfo[], kind: MediaDeviceKind, noun: string): readonly Device[] {
  const all = found.filter((device) => device.kind === kind && device.deviceId !== '')
  const alias = all.find(({ deviceId }) => deviceId === 'default')
  const real = all.filter(({ deviceId }) => !aliases.includes(deviceId))
  const isDefault = ({ groupId }: MediaDeviceInfo, index: number): boolean => (alias === undefined ? index === 0 : groupId === alias.groupId)
  return real.map((device, index) => ({ id: device.deviceId, name: device.label || `${noun} ${index + 1}`, isDefault: isDefault(device, index) }))
}

/**
 * Calls `listener` with what is connected, now and whenever that changes: a device comes or goes, or the page is allowed to
 * know their names.
 * @param options.onError - told when they cannot be listed
 * @returns stops watching
 * @throws {@link StreamflowError} `Unsupported` outside a secure context
 */
export function watchDevices(listener: (devices: Devices) => void, { onError }: { readonly onError?: (error: unknown) => void } = {}): () => void {
  const media = findMediaDevices()
  const lifetime = new AbortController()
  const { signal } = lifetime
  let told = ''
  const look = async (): Promise<void> => {
    try {
      const devices = await listDevices()
      const text = JSON.stringify(devices)
      if (signal.aborted || text === told) return
      told = text
      listener(devices)
    } catch (error) {
      if (!signal.aborted) onError?.(error)
    }
  }
  const onChange = (): void => void look()
  media.addEventListener('devicechange', onChange, { signal })
  // With the permission come the names, and no other event.
  for (const name of ['camera', 'microphone']) {
    const watched = navigator.permissions?.query({ name: name as PermissionName })
    watched?.then((status) => signal.aborted || status.addEventListener('change', onChange, { signal })).catch(() => undefined)
  }
  void look()
  return () => lifetime.abort()
}
