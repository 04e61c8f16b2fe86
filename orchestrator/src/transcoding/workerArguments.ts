/** What a transcoder process is told on its command line, written by whoever starts it and read by the process. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import * as v from 'valibot'
import { acceleratorKinds } from './accelerators/accelerator.js'
import { recallAccelerator } from './accelerators/describeAccelerator.js'
import { anyAccelerator, type AcceleratorChoice } from './accelerators/probeAccelerators.js'
import { describedAccelerator, maxAccelerators, type DescribedAccelerator } from './messages.js'
import type { WorkerOptions } from './worker.js'

/** Options of `parseArgs` for them. */
export const workerFlags = {
  'ffmpeg': { type: 'string', default: 'ffmpeg' },
  'accelerator': { type: 'string', default: anyAccelerator.kind },
  'exclude': { type: 'string', default: '' },
  'devices': { type: 'string', default: '' },
  'sessions-per-device': { type: 'string' },
  'pixels-per-second': { type: 'string' },
  'proven': { type: 'string' },
  'share': { type: 'string', default: '1' },
} as const

/** How transcoder processes use this machine. */
export interface MachineUse {
  readonly ffmpegPath: string
  readonly choice: AcceleratorChoice
  readonly sessionsPerDevice?: number
  /** Output pixels per second that the machine is to offer; measured if left out. */
  readonly pixelsPerSecond?: number
}

/** What each of these processes is told beside that. */
export interface WorkerStart extends MachineUse {
  /** What another one found out. */
  readonly proven?: readonly DescribedAccelerator[]
  /** How many there are. */
  readonly share: number
}

/** The words after the program's name. */
export function formatWorkerArguments({ ffmpegPath, choice, sessionsPerDevice, pixelsPerSecond, proven, share }: WorkerStart): readonly string[] {
  const { kind, exclude, devices } = choice
  const named = (name: keyof typeof workerFlags, value: string | number | undefined): readonly string[] => (value === undefined || value === '' ? [] : [`--${name}`, String(value)])
  return [
    ...named('ffmpeg', ffmpegPath), ...named('accelerator', kind), ...named('exclude', exclude.join(',')), ...named('devices', devices.join(',')),
    ...named('sessions-per-device', sessionsPerDevice), ...named('pixels-per-second', pixelsPerSecond),
    ...named('proven', proven && JSON.stringify(proven)), ...named('share', share),
  ]
}

/** Flags as `parseArgs` gives them. */
export type WorkerFlags = Readonly<Partial<Record<keyof typeof workerFlags, string>>>

/** @throws {@link StreamflowError} `InvalidArgument`, naming the flag */
export function parseMachineUse(flags: WorkerFlags): MachineUse {
  const kind = (['auto', ...acceleratorKinds] as const).find((word) => word === (flags.accelerator ?? anyAccelerator.kind))
  if (kind === undefined) throw new StreamflowError('InvalidArgument', `--accelerator: expected auto or one of ${acceleratorKinds.join(', ')}, got "${flags.accelerator}"`)
  const sessionsPerDevice = parseNumber('sessions-per-device', flags)
  const pixelsPerSecond = parseNumber('pixels-per-second', flags)
  return {
    ffmpegPath: flags.ffmpeg ?? 'ffmpeg',
    choice: { kind, exclude: parseList(flags.exclude), devices: parseList(flags.devices) },
    ...(sessionsPerDevice !== undefined && { sessionsPerDevice }),
    ...(pixelsPerSecond !== undefined && { pixelsPerSecond }),
  }
}

/** @throws {@link StreamflowError} `InvalidArgument`, naming the flag */
export function parseWorkerArguments(flags: WorkerFlags): Omit<WorkerOptions, 'input' | 'output'> {
  const proven = parseProven(flags.proven)
  return { ...parseMachineUse(flags), share: parseNumber('share', flags) ?? 1, ...(proven && { proven }) }
}

function parseProven(text: string | undefined): WorkerOptions['proven'] {
  if (text === undefined) return undefined
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.array(describedAccelerator), v.minLength(1), v.maxLength(maxAccelerators)), text)
  if (!parsed.success) throw new StreamflowError('InvalidArgument', `--proven: ${parsed.issues[0].message}`)
  return parsed.output.map(recallAccelerator)
}

const parseList = (text = ''): readonly string[] => text.split(',').map((word) => word.trim()).filter((word) => word !== '')

function parseNumber(name: 'sessions-per-device' | 'pixels-per-second' | 'share', flags: WorkerFlags): number | undefined {
  const text = flags[name]
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isFinite(number) || number < 1) throw new StreamflowError('InvalidArgument', `--${name}: expected a number from 1 on, got "${text}"`)
  return number
}
