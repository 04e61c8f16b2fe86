/** A packet of silence in the format of a source's sound. Pure. */

import type { MatroskaTrack } from '@streamflow/sdk/media'

/** A packet, and how long it lasts. */
export interface SilentPacket {
  readonly bytes: Uint8Array
  readonly durationUs: number
}

/**
 * Opus (RFC 6716): one SILK frame of 20 ms of nothing, as libopus makes it. Not CELT's three bytes of silence: a CELT frame
 * states how much louder it is than the one before, so what follows silence of its own kind is heard 100 ms too softly.
 * After a SILK frame decoders begin anew.
 */
const opusSilence = [0x08, 0x08, 0xac, 0xb3, 0x0e, 0xc6] as const
const opusFrameUs = 20_000
/** Where OpusHead (RFC 7845 §5.1) has the mapping family and the number of streams. */
const opusHead = { family: 18, streams: 19 } as const
const maxOpusStreams = 255

/** All streams but the last have the length of their frame before it (RFC 6716, appendix B). */
function composeOpus(head: Uint8Array | undefined): readonly number[] {
  const streams = (head?.[opusHead.family] ?? 0) === 0 ? 1 : Math.min(maxOpusStreams, Math.max(1, head?.[opusHead.streams] ?? 1))
  const [toc, ...frame] = opusSilence
  return [...Array.from({ length: streams - 1 }, () => [toc, frame.length, ...frame]).flat(), ...opusSilence]
}

/** Elements of a `raw_data_block` by channel configuration (ISO/IEC 14496-3 table 1.19): a single channel, a pair, low frequencies. */
const aacLayouts = ['', 's', 'p', 'sp', 'sps', 'spp', 'sppl', 'spppl'] as const
const aacElementId = { s: 0, p: 1, l: 3 } as const
const aacSampleRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350] as const
const aacFrameSamples = 1024

/** One frame whose channels have no scale factor bands, and so no sound. */
function composeAac(channels: number): readonly number[] {
  let bits = ''
  const put = (value: number, count: number): void => {
    bits += value.toString(2).padStart(count, '0')
  }
  const counts = { s: 0, p: 0, l: 0 }
  // global gain, ics_info (long window, no bands, no prediction), no pulses, no noise shaping, no gain control
  const channel = (): void => [[0, 8], [0, 11], [0, 3]].forEach(([value = 0, count = 0]) => put(value, count))
  for (const element of (aacLayouts[channels] ?? 'p') as Iterable<keyof typeof aacElementId>) {
    put(aacElementId[element], 3)
    put(counts[element]++, 4)
    if (element === 'p') put(0, 1)
    channel()
    if (element === 'p') channel()
  }
  put(7, 3)
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2))
}

/** @param track - the sound's track as its header describes it */
export function composeSilence({ codecId, codecPrivate, channels, sampleRate }: MatroskaTrack): SilentPacket {
  if (codecId === 'A_OPUS') return { bytes: Uint8Array.from(composeOpus(codecPrivate)), durationUs: opusFrameUs }
  // AudioSpecificConfig: 5 bits of object type, 4 of sample rate, 4 of channel configuration.
  const config = ((codecPrivate?.[0] ?? 0) << 8) | (codecPrivate?.[1] ?? 0)
  const hertz = aacSampleRates[(config >> 7) & 15] ?? sampleRate
  const configured = (config >> 3) & 15
  return { bytes: Uint8Array.from(composeAac(configured === 0 ? channels : configured)), durationUs: (aacFrameSamples * 1e6) / Math.max(8_000, hertz) }
}
