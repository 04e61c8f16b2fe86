/** The samples of a fragment (`moof`): where they lie, when they are shown, which decode alone. Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { findBox, listBoxes, type Box } from './mp4Boxes.js'

/** What `trex` says of samples of which a fragment says nothing. */
export interface SampleDefaults {
  readonly duration: number
  readonly size: number
  readonly flags: number
}

/** One sample; times in ticks of its track. */
export interface Sample {
  readonly track: number
  /** Byte offset in the file. */
  readonly at: number
  readonly size: number
  readonly time: number
  readonly isKey: boolean
}

/** Bits of `tfhd` and `trun` that say which fields are there. */
const inTrack = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20, baseIsMoof: 0x20000 } as const
const inRun = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, shift: 0x800 } as const
/** A fragment holds seconds; a run that says more would have us count for an hour. */
const maxRunSamples = 100_000
/** Bit of a sample's flags: it needs others to be decoded. */
const isDependent = 0x10000

/** Reads `trex` boxes by track. */
export function readSampleDefaults(moov: DataView): ReadonlyMap<number, SampleDefaults> {
  const mvex = findBox(moov, ['mvex'])
  const boxes = mvex === undefined ? [] : listBoxes(mvex).filter(({ type }) => type === 'trex')
  return new Map(boxes.map(({ body }) => [body.getUint32(4), { duration: body.getUint32(12), size: body.getUint32(16), flags: body.getUint32(20) }]))
}

/**
 * Reads a `moof`.
 * @param ends - decoding time at which each track's last fragment ended; changed
 */
export function readFragment(moof: Box, defaults: ReadonlyMap<number, SampleDefaults>, ends: Map<number, number>): readonly Sample[] {
  const samples: Sample[] = []
  /** Where data goes on if a track does not say where its own begins. */
  let next = moof.at
  for (const { body: traf } of listBoxes(moof.body).filter(({ type }) => type === 'traf')) {
    const head = readTrackHead(traf, defaults)
    if (head === undefined) continue
    const tfdt = findBox(traf, ['tfdt'])
    let time = tfdt === undefined ? (ends.get(head.track) ?? 0) : tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4)
    const base = head.base ?? (head.isMoofBase ? moof.at : next)
    let at = base
    for (const { body: run } of listBoxes(traf).filter(({ type }) => type === 'trun')) {
      const read = readRun(run, { ...head, time, at, base })
      samples.push(...read.samples)
      ;({ time, at } = read)
    }
    next = at
    ends.set(head.track, time)
  }
  return samples
}

interface TrackHead extends SampleDefaults {
  readonly track: number
  readonly base: number | undefined
  readonly isMoofBase: boolean
}

function readTrackHead(traf: DataView, defaults: ReadonlyMap<number, SampleDefaults>): TrackHead | undefined {
  const tfhd = findBox(traf, ['tfhd'])
  if (tfhd === undefined) return undefined
  const bits = tfhd.getUint32(0)
  const track = tfhd.getUint32(4)
  let offset = 8
  const read = (bit: number, bytes: 4 | 8): number | undefined => {
    if ((bits & bit) === 0) return undefined
    offset += bytes
    return bytes === 8 ? Number(tfhd.getBigUint64(offset - 8)) : tfhd.getUint32(offset - 4)
  }
  const base = read(inTrack.baseOffset, 8)
  read(inTrack.description, 4)
  const usual = defaults.get(track)
  const duration = read(inTrack.duration, 4) ?? usual?.duration ?? 0
  const size = read(inTrack.size, 4) ?? usual?.size ?? 0
  const flags = read(inTrack.flags, 4) ?? usual?.flags ?? 0
  return { track, base, isMoofBase: (bits & inTrack.baseIsMoof) !== 0, duration, size, flags }
}

function readRun(run: DataView, from: TrackHead & { readonly time: number; readonly at: number; readonly base: number }): { readonly samples: readonly Sample[]; readonly time: number; readonly at: number } {
  const bits = run.getUint32(0)
  const isSigned = run.getUint8(0) === 1
  const has = (bit: number): boolean => (bits & bit) !== 0
  let offset = 8
  const next = (): number => run.getUint32((offset += 4) - 4)
  let { time, at } = from
  if (has(inRun.dataOffset)) at = from.base + run.getInt32((offset += 4) - 4)
  const firstFlags = has(inRun.firstFlags) ? next() : undefined
  const samples: Sample[] = []
  const count = run.getUint32(4)
  if (count > maxRunSamples) throw new StreamflowError('Unsupported', `the recording has a fragment of ${count} samples`)
  for (let i = 0; i < count; i++) {
    const duration = has(inRun.duration) ? next() : from.duration
    const size = has(inRun.size) ? next() : from.size
    const own = has(inRun.flags) ? next() : from.flags
    const flags = i === 0 ? (firstFlags ?? own) : own
    const unsigned = has(inRun.shift) ? next() : 0
    samples.push({ track: from.track, at, size, time: time + (isSigned ? unsigned | 0 : unsigned), isKey: (flags & isDependent) === 0 })
    time += duration
    at += size
  }
  return { samples, time, at }
}
