/** `streamflow-transcoder probe`: what this machine can transcode with, tried and measured as a transcoder does at its start. */

import { formatTable, report } from '@streamflow/sdk/cli'
import { isProven, probeAccelerators, type ProbeResult } from '../transcoding/accelerators/probeAccelerators.js'
import { computeOffer } from '../transcoding/accelerators/computeOffer.js'
import { findConfinement } from '../transcoding/confinement.js'
import type { MachineUse } from '../transcoding/workerArguments.js'

export const probeHelp = `streamflow-transcoder probe [--json] [--accelerator <kind>] [--exclude <kind,kind:device,…>] [--devices <0,1,/dev/dri/renderD128,…>] [--ffmpeg <path>]

  try every way to decode, scale and encode on this machine, each as a whole on a small clip, and measure those that work

A transcoder does the same at its start, takes the best that works, and offers what it measured: output pixels per second.
Sizes, rates and codecs are of this machine as it is now; on a busy one, rates come out lower. Exit code 1 if nothing works.

Example: streamflow-transcoder probe --exclude vaapi,nvidia:1`

/** Where what it says goes. */
interface ProbeOutput {
  readonly isJson: boolean
  readonly print: (line: string) => void
}

/**
 * Runs it.
 * @returns the exit code
 * @throws {@link StreamflowError} `Unsupported` if ffmpeg itself does not work
 */
export async function runProbe({ ffmpegPath, choice }: MachineUse, output: ProbeOutput): Promise<number> {
  const results = await probeAccelerators({ ffmpegPath, confinement: await findConfinement(ffmpegPath) }, { choice })
  const pixelsPerSecond = Math.round(computeOffer(results.filter(isProven)))
  report({ accelerators: results.map(describeFacts), pixelsPerSecond }, { ...output, sentence: renderTable(results, pixelsPerSecond).join('\n') })
  return results.some(isProven) ? 0 : 1
}

function describeFacts(result: ProbeResult): Readonly<Record<string, unknown>> {
  if (!isProven(result)) return { name: result.name, kind: result.kind, works: false, reason: result.reason }
  const { accelerator, device, codecs, pixelsPerSecond } = result
  const { name, kind } = accelerator
  return { name, kind, works: true, pixelsPerSecond: Math.round(pixelsPerSecond), codecs, encoder: accelerator.encoder[0], device: device.device, model: device.model, freeMemoryBytes: device.freeMemoryBytes }
}

function renderTable(results: readonly ProbeResult[], pixelsPerSecond: number): readonly string[] {
  const rows = results.map((result) => {
    if (!isProven(result)) return [result.name, '-', '', `no: ${result.reason}`]
    const { accelerator, device, codecs } = result
    return [accelerator.name, formatRate(result.pixelsPerSecond), codecs.join(' '), ['yes', device.model, `encodes by ${accelerator.encoder[0]}`].filter((word) => word !== undefined).join(', ')]
  })
  return [...formatTable(['chain', 'Mpixel/s', 'decodes', 'works'], rows), '', `To offer: ${formatRate(pixelsPerSecond)} Mpixel/s (chains that encode on the processor share it: the best of them counts)`]
}

const formatRate = (pixelsPerSecond: number): string => (pixelsPerSecond / 1e6).toFixed(pixelsPerSecond < 100e6 ? 1 : 0)
