/** `--seconds`. */

import { StreamflowError } from '../../errors/StreamflowError.js'

/** How long; undefined if it was not said. @throws {@link StreamflowError} `InvalidArgument` */
export function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,7}$/.test(text) || Number(text) === 0) throw new StreamflowError('InvalidArgument', `--seconds: expected a number above 0, got ${text}`)
  return Number(text)
}
