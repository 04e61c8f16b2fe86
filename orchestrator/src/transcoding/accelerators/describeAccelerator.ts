/** Chains as messages have them, and back. */

import type { DescribedAccelerator } from '../messages.js'
import { createAccelerator } from './accelerator.js'
import type { ProvenAccelerator } from './probeAccelerators.js'

export function describeAccelerator({ accelerator, device, codecs, pixelsPerSecond }: ProvenAccelerator, isUsable: boolean): DescribedAccelerator {
  const { kind } = accelerator
  const { freeMemoryBytes } = device
  return { kind, device: device.device, codecs: [...codecs], pixelsPerSecond: Math.round(pixelsPerSecond), isUsable, ...(freeMemoryBytes !== undefined && { freeMemoryBytes }) }
}

/** What was described is taken for proven: somebody here has tried it. */
export function recallAccelerator({ kind, device, codecs, pixelsPerSecond, freeMemoryBytes }: DescribedAccelerator): ProvenAccelerator {
  return { accelerator: createAccelerator(kind, device), device: { device, ...(freeMemoryBytes !== undefined && { freeMemoryBytes }) }, codecs, pixelsPerSecond }
}
