/** Captures a media file; see `captureReadable` for everything else. */

import { pathToFileURL } from 'node:url'
import { captureReadable, type ReadableCapture, type ReadableCaptureOptions } from './captureReadable.js'

/**
 * Captures a file at the pace at which it plays.
 * @param path - of the file; never taken for a URL of a network
 * @throws as `captureReadable`
 */
export function captureFile(path: string, options: ReadableCaptureOptions = {}): ReadableCapture {
  return captureReadable(pathToFileURL(path), options)
}
