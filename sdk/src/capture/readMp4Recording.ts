/**
 * Takes an MP4 recording apart as it grows, for browsers whose MediaRecorder makes nothing else (Safari): a description
 * (`moov`), then fragments (`moof` and `mdat`), each reported when it is complete.
 */

import { StreamflowError } from '../errors/StreamflowError.js'
import { concatBytes } from '../media/ebml.js'
import type { EncodedFrame } from '../media/createSegmenter.js'
import { findBox, listBoxes, readBox, readTrack, type Box, type TrackHeader } from '../media/mp4Boxes.js'
import { readFragment, readSampleDefaults, type Sample, type SampleDefaults } from '../media/mp4Fragments.js'
import type { Recording, RecordingListener, RecordingReader } from './recording.js'

const videoCodecs = { avc1: 'h264', avc3: 'h264', vp08: 'vp8', vp09: 'vp9', av01: 'av1' } as const
const audioCodecs = { mp4a: 'aac', Opus: 'opus' } as const

/** What was told of the file so far. */
interface Description {
  readonly tracks: ReadonlyMap<number, TrackHeader>
  readonly defaults: ReadonlyMap<number, SampleDefaults>
}

/** Reads what comes; what it cannot read goes to `onError`, once. */
export function readMp4Recording({ onRecording, onFrame, onError }: RecordingListener): RecordingReader {
  let pending: Uint8Array = new Uint8Array(0)
  /** Offset in the file of the first byte of `pending`. */
  let at = 0
  let description: Description | undefined
  let samples: readonly Sample[] = []
  let hasFailed = false
  const ends = new Map<number, number>()
  const queues = new Map<number, EncodedFrame[]>()

  const take = (box: Box): void => {
    if (box.type === 'moov') {
      description = describe(box.body)
      for (const id of description.tracks.keys()) queues.set(id, [])
      onRecording(toRecording([...description.tracks.values()]))
    } else if (box.type === 'moof' && description !== undefined) samples = readFragment(box, description.defaults, ends)
    else if (box.type === 'mdat' && description !== undefined) {
      for (const sample of samples) {
        const track = description.tracks.get(sample.track)
        if (track !== undefined) queues.get(sample.track)?.push(toFrame(sample, track, box))
      }
      samples = []
      release(false)
    }
  }
  /** Reports frames in the order of their times: a fragment holds first one track's, then the other's. */
  const release = (isAll: boolean): void => {
    for (;;) {
      const heads = [...queues].filter(([, queue]) => queue.length > 0)
      if (heads.length === 0 || (!isAll && heads.length < queues.size)) return
      const [id, queue] = heads.reduce((first, next) => (next[1][0]!.timestampUs < first[1][0]!.timestampUs ? next : first))
      onFrame(description!.tracks.get(id)!.kind!, queue.shift()!)
    }
  }
  return {
    push(bytes) {
      if (hasFailed) return
      pending = concatBytes([pending, bytes])
      try {
        let used = 0
        const view = new DataView(pending.buffer, pending.byteOffset, pending.byteLength)
        for (let box = readBox(view, 0, at); box !== undefined; box = readBox(view, used, at)) {
          used = box.bodyAt + box.body.byteLength - at
          take(box)
        }
        pending = pending.subarray(used)
        at += used
      } catch (error) {
        hasFailed = true
        onError(error)
      }
    },
    async end() {
      if (!hasFailed) release(true)
    },
  }
}

function describe(moov: DataView): Description {
  if (findBox(moov, ['mvex']) === undefined) throw new StreamflowError('Unsupported', 'the recording is not made of fragments')
  const mvhd = findBox(moov, ['mvhd'])
  const movieTimescale = mvhd === undefined ? 1 : mvhd.getUint32(mvhd.getUint8(0) === 1 ? 20 : 12)
  const all = listBoxes(moov).filter(({ type }) => type === 'trak').map(({ body }) => readTrack(body, movieTimescale))
  const first = (kind: 'video' | 'audio', codecs: object): TrackHeader[] => all.filter((track) => track.kind === kind && track.codec in codecs).slice(0, 1)
  const wanted = [...first('video', videoCodecs), ...first('audio', audioCodecs)]
  if (wanted[0]?.kind !== 'video') throw new StreamflowError('Unsupported', `the recording holds no video that can be cut (${all.map(({ codec }) => codec).join(', ') || 'no track'})`)
  return { tracks: new Map(wanted.map((track) => [track.id, track])), defaults: readSampleDefaults(moov) }
}

function toRecording([video, audio]: readonly TrackHeader[]): Recording {
  const { codec, width, height } = video!
  const privateOf = ({ codecPrivate }: TrackHeader): { readonly codecPrivate?: Uint8Array } => (codecPrivate === undefined ? {} : { codecPrivate })
  return {
    video: { codec: videoCodecs[codec as keyof typeof videoCodecs], width, height, ...privateOf(video!) },
    ...(audio && { audio: { codec: audioCodecs[audio.codec as keyof typeof audioCodecs], sampleRate: audio.sampleRate, channels: audio.channels, delayNs: 0, ...privateOf(audio) } }),
  }
}

function toFrame({ at, size, time, isKey }: Sample, { timescale, shift }: TrackHeader, mdat: Box): EncodedFrame {
  const offset = at - mdat.bodyAt
  if (offset < 0 || offset + size > mdat.body.byteLength) throw new StreamflowError('Unsupported', 'the recording has a sample outside its fragment')
  return { timestampUs: Math.round(((time - shift) / timescale) * 1e6), isKey, bytes: new Uint8Array(mdat.body.buffer, mdat.body.byteOffset + offset, size).slice() }
}
