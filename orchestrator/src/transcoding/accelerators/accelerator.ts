/**
 * The ways in which one machine makes renditions: decoding, scaling and encoding as one chain, on a card as far as it can.
 * A chain is chosen as a whole, because its links fit together or not: pictures that stay on the card are what saves work,
 * and a link that needs them on the processor makes all of them travel.
 */

import type { InputFormat } from '@streamflow/sdk/media'

/** Codec of a source's pictures. */
export type VideoCodec = InputFormat['video']['codec']

/**
 * Kinds of chains, best first. `nvidia-decode` is for cards that have no encoder, as those of data centres (A100, H100,
 * H200): decoding and scaling there takes about half of the processor's work away.
 */
export const acceleratorKinds = ['nvidia', 'vaapi', 'qsv', 'videotoolbox', 'nvidia-decode', 'x264'] as const
/** What a chain is called. */
export type AcceleratorKind = (typeof acceleratorKinds)[number]

/** A chain on a device, as ffmpeg is told of it. */
export interface Accelerator {
  readonly kind: AcceleratorKind
  /** Which of several: a number, or a path; empty where a machine has one. */
  readonly device: string
  /** `nvidia:0`, `x264`: what it is called in settings, logs and tables. */
  readonly name: string
  /** Processors encode: the number of threads matters, and chains of this sort share what the machine has. */
  readonly isEncodedOnProcessor: boolean
  /** Processors scale. */
  readonly isScaledOnProcessor: boolean
  /** Arguments before the input. */
  readonly inputArguments: (codec: VideoCodec) => readonly string[]
  /** From a decoded picture to what the encoder takes. */
  readonly scale: (size: { readonly width: number; readonly height: number }) => string
  /** ffmpeg's name of the encoder, and its arguments: immediate, no reordering, keyframes only where asked. */
  readonly encoder: readonly [string, ...string[]]
}

type Chain = Omit<Accelerator, 'kind' | 'device' | 'name'>
type Size = Parameters<Accelerator['scale']>[0]

const x264 = ['libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-forced-idr', '1', '-sc_threshold', '0'] as const
const onCuda = (device: string) => (): readonly string[] => ['-hwaccel', 'cuda', '-hwaccel_device', device, '-hwaccel_output_format', 'cuda']

const chains: Readonly<Record<AcceleratorKind, (device: string) => Chain>> = {
  'nvidia': (device) => ({
    isEncodedOnProcessor: false,
    isScaledOnProcessor: false,
    inputArguments: onCuda(device),
    scale: ({ width, height }) => `scale_cuda=${width}:${height}:format=nv12,setsar=1`,
    encoder: ['h264_nvenc', '-preset', 'p1', '-tune', 'ull', '-zerolatency', '1', '-delay', '0', '-rc', 'cbr', '-forced-idr', '1', '-no-scenecut', '1'],
  }),
  'vaapi': (device) => ({
    isEncodedOnProcessor: false,
    isScaledOnProcessor: false,
    inputArguments: () => ['-hwaccel', 'vaapi', '-hwaccel_device', device, '-hwaccel_output_format', 'vaapi'],
    scale: ({ width, height }) => `scale_vaapi=w=${width}:h=${height}:format=nv12,setsar=1`,
    encoder: ['h264_vaapi', '-async_depth', '1'],
  }),
  'qsv': (device) => ({
    isEncodedOnProcessor: false,
    isScaledOnProcessor: false,
    // This API has decoders of its own, and its pools are of fixed size: one picture for each rung that is at work.
    inputArguments: (codec) => [
      '-init_hw_device', `qsv=card,child_device=${device}`, '-hwaccel', 'qsv', '-hwaccel_device', 'card', '-hwaccel_output_format', 'qsv',
      '-extra_hw_frames', '16', '-async_depth', '1', '-c:v', `${codec}_qsv`,
    ],
    scale: ({ width, height }) => `vpp_qsv=w=${width}:h=${height}:format=nv12,setsar=1`,
    encoder: ['h264_qsv', '-preset', 'veryfast', '-async_depth', '1', '-forced_idr', '1', '-look_ahead', '0'],
  }),
  'videotoolbox': () => ({
    isEncodedOnProcessor: false,
    // Its own scaler came with ffmpeg 7; memory is shared with the processor, so pictures need not travel.
    isScaledOnProcessor: true,
    inputArguments: () => ['-hwaccel', 'videotoolbox'],
    scale: scaleOnProcessor('nv12'),
    encoder: ['h264_videotoolbox', '-realtime', '1'],
  }),
  'nvidia-decode': (device) => ({
    isEncodedOnProcessor: true,
    isScaledOnProcessor: false,
    inputArguments: onCuda(device),
    // Two planes, as x264 keeps them: it need not take them apart and together again.
    scale: ({ width, height }) => `scale_cuda=${width}:${height}:format=nv12,hwdownload,format=nv12,setsar=1`,
    encoder: x264,
  }),
  'x264': () => ({
    isEncodedOnProcessor: true,
    isScaledOnProcessor: true,
    inputArguments: () => [],
    scale: scaleOnProcessor('yuv420p'),
    encoder: x264,
  }),
}

function scaleOnProcessor(format: string): Accelerator['scale'] {
  return ({ width, height }: Size) => `scale=${width}:${height},setsar=1,format=${format}`
}

/** @param device - of a kind that has several; see listDevices.ts */
export function createAccelerator(kind: AcceleratorKind, device = ''): Accelerator {
  return { kind, device, name: device === '' ? kind : `${kind}:${device}`, ...chains[kind](device) }
}

/** The chain that every machine has. */
export const processorAccelerator = createAccelerator('x264')
