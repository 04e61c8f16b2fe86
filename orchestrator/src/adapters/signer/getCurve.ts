/** Chooses the library for this process. */

import { createBundledCurve } from './bundledCurve.js'
import type { Curve } from './curve.js'
import { createSystemCurve } from './systemCurve.js'

let known: Curve | undefined

/** The fastest there is on this machine; the same one for the whole process. */
export function getCurve(): Curve {
  return (known ??= createSystemCurve() ?? createBundledCurve())
}
