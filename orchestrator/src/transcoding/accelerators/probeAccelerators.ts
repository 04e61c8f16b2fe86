/** Finds out what this machine can do: every chain on every device is tried, and those that work are measured. */

import { availableParallelism } from 'node:os'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { FfmpegCommand } from '../ffmpegProcess.js'
import { acceleratorKinds, createAccelerator, type Accelerator, type AcceleratorKind, type VideoCodec } from './accelerator.js'
import { spreadOffer } from './computeOffer.js'
import { listDevices, type Device } from './listDevices.js'
import { measureAccelerator, measuredClip } from './measureAccelerator.js'
import { makeTrialClip, type TrialClip } from './trialClip.js'
import { trialClip, tryAccelerator } from './tryAccelerator.js'

/** What an operator wants of it. */
export interface AcceleratorChoice {
  /** A kind that is to be used alone, or `auto`. */
  readonly kind: AcceleratorKind | 'auto'
  /** Kinds (`vaapi`), or devices of them (`nvidia:1`), that are not to be used. */
  readonly exclude: readonly string[]
  /** Devices to use, instead of all that are found. */
  readonly devices: readonly string[]
}

/** The choice of somebody who has not chosen. */
export const anyAccelerator: AcceleratorChoice = { kind: 'auto', exclude: [], devices: [] }

/** A chain that works here. */
export interface ProvenAccelerator {
  readonly accelerator: Accelerator
  readonly device: Device
  /** Codecs whose pictures it was seen to decode. */
  readonly codecs: readonly VideoCodec[]
  /** Output pixels per second, measured, or as somebody said. */
  readonly pixelsPerSecond: number
}

/** What became of one candidate. */
export type ProbeResult = ProvenAccelerator | { readonly name: string; readonly kind: AcceleratorKind; readonly reason: string }

/** What is tried beyond H.264, where that works: what browsers may send. */
const otherCodecs: readonly VideoCodec[] = ['vp8', 'vp9', 'av1']
const excluded = 'excluded by the settings'

/** Whether a candidate worked. */
export function isProven(result: ProbeResult): result is ProvenAccelerator {
  return 'accelerator' in result
}

/**
 * Tries all devices at the same time, then measures those that work, one after the other.
 * @param options.pixelsPerSecond - what all of them together are to be worth, instead of measuring
 * @returns every candidate, best kinds first
 * @throws {@link StreamflowError} `Unsupported` if ffmpeg cannot be tried at all
 */
export async function probeAccelerators(command: FfmpegCommand, { choice = anyAccelerator, pixelsPerSecond }: { readonly choice?: AcceleratorChoice; readonly pixelsPerSecond?: number } = {}): Promise<readonly ProbeResult[]> {
  const [clip, lists] = await Promise.all([makeTrialClip(command, { codec: 'h264', ...trialClip }), listDevices(choice.devices)])
  const ruledOut = acceleratorKinds.flatMap((kind): readonly ProbeResult[] => {
    const { devices, reason = 'no device' } = lists[kind]
    if (isExcluded(choice, kind)) return [{ name: kind, kind, reason: excluded }]
    return devices.length === 0 ? [{ name: kind, kind, reason }] : []
  })
  const candidates = acceleratorKinds.filter((kind) => !isExcluded(choice, kind)).flatMap((kind) => lists[kind].devices.map((device) => ({ kind, device })))
  const trial: Trial = { command, choice, clip, getClip: createClips(command) }
  const byDevice = [...new Set(candidates.map(({ device }) => device.device))].map((name) => tryDevice(candidates.filter(({ device, kind }) => device.device === name && (name !== '' || kind !== 'x264')), trial))
  const processor = tryDevice(candidates.filter(({ kind }) => kind === 'x264'), trial)
  const tried = [...ruledOut, ...(await Promise.all([...byDevice, processor])).flat()].sort((a, b) => rank(a) - rank(b))
  const working = tried.filter(isProven)
  const rated = pixelsPerSecond === undefined ? await measureAll(command, working) : spreadOffer(working, pixelsPerSecond)
  return tried.map((result) => rated.find(({ accelerator }) => isProven(result) && accelerator === result.accelerator) ?? result)
}

const rank = (result: ProbeResult): number => acceleratorKinds.indexOf(isProven(result) ? result.accelerator.kind : result.kind)

/**
 * Those that work.
 * @throws {@link StreamflowError} `Unsupported`, with the reason of each, if none does
 */
export function listProven(results: readonly ProbeResult[], ffmpegPath: string): readonly ProvenAccelerator[] {
  const proven = results.filter(isProven)
  if (proven.length > 0) return proven
  const reasons = results.map((result) => (isProven(result) ? '' : `${result.name}: ${result.reason}`))
  throw new StreamflowError('Unsupported', `no way to transcode with ${ffmpegPath} works (${reasons.join('; ')})`)
}

function isExcluded({ kind, exclude }: AcceleratorChoice, candidate: AcceleratorKind): boolean {
  return exclude.includes(candidate) || (kind !== 'auto' && kind !== candidate)
}

/** A way to use a device. */
interface Candidate {
  readonly kind: AcceleratorKind
  readonly device: Device
}

/** What candidates are tried with. */
interface Trial {
  readonly command: FfmpegCommand
  readonly choice: AcceleratorChoice
  readonly clip: TrialClip
  readonly getClip: GetClip
}

/** A clip of another codec; nothing where ffmpeg makes none. */
type GetClip = (codec: VideoCodec) => Promise<TrialClip | undefined>

/** Each is made once, and only where a card is there to try it with. */
function createClips(command: FfmpegCommand): GetClip {
  const clips = new Map<VideoCodec, Promise<TrialClip | undefined>>()
  return (codec) => {
    const known = clips.get(codec) ?? makeTrialClip(command, { codec, ...trialClip }).catch(() => undefined)
    clips.set(codec, known)
    return known
  }
}

/** A device is used in one way, the best that works on it: two ways to one card would be counted as two cards. */
async function tryDevice(candidates: readonly Candidate[], trial: Trial): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = []
  for (const { kind, device } of candidates) {
    const better = results.find(isProven)
    const name = createAccelerator(kind, device.device).name
    results.push(better === undefined ? await tryCandidate({ kind, device }, trial) : { name, kind, reason: `not tried: ${better.accelerator.name} works` })
  }
  return results
}

async function tryCandidate({ kind, device }: Candidate, { command, choice, clip, getClip }: Trial): Promise<ProbeResult> {
  const accelerator = createAccelerator(kind, device.device)
  const { name } = accelerator
  if (choice.exclude.includes(name)) return { name, kind, reason: excluded }
  const reason = await tryAccelerator(command, accelerator, clip)
  if (reason !== undefined) return { name, kind, reason }
  const codecs = kind === 'x264' ? otherCodecs : await findCodecs(command, accelerator, getClip)
  return { accelerator, device, codecs: ['h264', ...codecs], pixelsPerSecond: 0 }
}

/** Cards decode some codecs and not others, and say so only when they try. */
async function findCodecs(command: FfmpegCommand, accelerator: Accelerator, getClip: GetClip): Promise<readonly VideoCodec[]> {
  const found = otherCodecs.map(async (codec) => {
    const clip = await getClip(codec)
    const isDecoded = clip !== undefined && (await tryAccelerator(command, accelerator, clip)) === undefined
    return isDecoded ? [codec] : []
  })
  return (await Promise.all(found)).flat()
}

async function measureAll(command: FfmpegCommand, working: readonly ProvenAccelerator[]): Promise<readonly ProvenAccelerator[]> {
  if (working.length === 0) return []
  const clip = await makeTrialClip(command, { codec: 'h264', ...measuredClip })
  const measured: ProvenAccelerator[] = []
  for (const proven of working) measured.push({ ...proven, pixelsPerSecond: await measureAccelerator(command, proven.accelerator, clip, availableParallelism()) })
  return measured
}
