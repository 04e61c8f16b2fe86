/** Cameras and microphones for a component's menus. */

import { useEffect, useState } from 'react'
import { watchDevices, type Devices } from '../capture/devices.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'

/** See {@link useDevices}. */
export interface UseDevices extends Devices {
  /** Why they cannot be listed. */
  readonly error: StreamflowError | undefined
}

const none: UseDevices = { cameras: [], microphones: [], isNamed: false, error: undefined }

/** What is connected, now and whenever that changes. Names and ids are there once the page was allowed to use a device. */
export function useDevices(): UseDevices {
  const [devices, setDevices] = useState(none)
  useEffect(() => {
    const onError = (thrown: unknown): void => setDevices({ ...none, error: toStreamflowError(thrown, 'DeviceNotFound') })
    try {
      return watchDevices((found) => setDevices({ ...found, error: undefined }), { onError })
    } catch (thrown) {
      onError(thrown)
      return undefined
    }
  }, [])
  return devices
}
