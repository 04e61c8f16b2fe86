import { describe, expect, test } from 'vitest'
import { createJob } from '../../../test/media-fixtures/transcodeRecorder.js'
import { acceleratorKinds, createAccelerator, processorAccelerator, type Accelerator, type AcceleratorKind } from './accelerators/accelerator.js'
import { computeFfmpegArguments } from './ffmpegArguments.js'

const job = createJob()
const compute = (accelerator: Accelerator, change: Parameters<typeof createJob>[0] = {}): readonly string[] => computeFfmpegArguments({ ...createJob(change), accelerator, cores: 2 })
const after = (args: readonly string[], flag: string): string | undefined => args[args.indexOf(flag) + 1]

describe('the command line', () => {
  test('decodes once, encodes each rung at its exact size, and reads nothing but its input', () => {
    const args = compute(processorAccelerator)
    expect(args.filter((arg) => arg === '-i')).toHaveLength(1)
    expect(after(args, '-protocol_whitelist')).toBe('pipe')
    expect(after(args, '-filter_complex')).toBe('[0:v:0]split=2[s0][s1];[s0]scale=640:360,setsar=1,format=yuv420p[v0];[s1]scale=320:180,setsar=1,format=yuv420p[v1]')
    expect(args.filter((arg) => /^pipe:\d$/.test(arg))).toEqual(['pipe:0', 'pipe:3', 'pipe:4', 'pipe:5'])
    for (const flag of ['-b:v', '-maxrate', '-bufsize', '-force_key_frames']) expect(args.filter((arg) => arg === flag)).toHaveLength(2)
    expect(args).not.toContain('nobuffer')
  })

  test('has no output for sound that does not exist', () => {
    expect(compute(processorAccelerator, { audio: 'none' })).not.toContain('0:a:0')
  })

  /** Of each chain: what stands before the input, what becomes of a picture, what encodes it. */
  const chains: Readonly<Record<AcceleratorKind, { readonly device: string; readonly input: string; readonly scale: string; readonly encoder: string }>> = {
    'nvidia': { device: '1', input: '-hwaccel cuda -hwaccel_device 1 -hwaccel_output_format cuda', scale: 'scale_cuda=640:360:format=nv12,setsar=1', encoder: 'h264_nvenc' },
    'nvidia-decode': { device: '1', input: '-hwaccel cuda -hwaccel_device 1 -hwaccel_output_format cuda', scale: 'scale_cuda=640:360:format=nv12,hwdownload,format=nv12,setsar=1', encoder: 'libx264' },
    'vaapi': { device: '/dev/dri/renderD128', input: '-hwaccel vaapi -hwaccel_device /dev/dri/renderD128 -hwaccel_output_format vaapi', scale: 'scale_vaapi=w=640:h=360:format=nv12,setsar=1', encoder: 'h264_vaapi' },
    'qsv': { device: '/dev/dri/renderD128', input: '-init_hw_device qsv=card,child_device=/dev/dri/renderD128 -hwaccel qsv -hwaccel_device card -hwaccel_output_format qsv', scale: 'vpp_qsv=w=640:h=360:format=nv12,setsar=1', encoder: 'h264_qsv' },
    'videotoolbox': { device: '', input: '-hwaccel videotoolbox', scale: 'scale=640:360,setsar=1,format=nv12', encoder: 'h264_videotoolbox' },
    'x264': { device: '', input: '', scale: 'scale=640:360,setsar=1,format=yuv420p', encoder: 'libx264' },
  }

  test.each(acceleratorKinds)('of %s is one chain: the pictures stay where the next link takes them', (kind) => {
    const { device, input, scale, encoder } = chains[kind]
    const args = compute(createAccelerator(kind, device))
    const line = args.join(' ')
    expect(line.slice(0, line.indexOf(' -i pipe:0'))).toContain(input)
    expect(after(args, '-filter_complex')).toContain(`[s0]${scale}[v0]`)
    const outputs = args.slice(args.indexOf('-filter_complex'))
    expect(outputs.flatMap((arg, i) => (arg === '-c:v' ? [outputs[i + 1]] : []))).toEqual(job.ladder.map(() => encoder))
    // Nothing waits for a later picture, and keyframes are the source's.
    for (const [flag, value] of [['-bf', '0'], ['-force_key_frames', 'source'], ['-fps_mode', 'cfr']] as const) expect(args.filter((arg, i) => arg === flag && args[i + 1] === value)).toHaveLength(job.ladder.length)
    // Threads are for those who encode here.
    expect(outputs.includes('-threads')).toBe(encoder === 'libx264')
  })

  test('of QSV names the decoder of the source’s codec, which the input is allowed to use', () => {
    for (const codec of ['h264', 'vp9', 'av1'] as const) {
      const args = compute(createAccelerator('qsv', '/dev/dri/renderD128'), { video: { codec } })
      expect(after(args.slice(0, args.indexOf('-i')), '-c:v')).toBe(`${codec}_qsv`)
      expect(after(args, '-codec_whitelist')?.split(',')).toContain(`${codec}_qsv`)
    }
  })
})
