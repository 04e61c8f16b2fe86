import { describe, expect, it } from 'vitest'
import { buildFfmpegArguments, type FfmpegJob, type VideoWishes } from './ffmpegArguments.js'

const plan: FfmpegJob['plan'] = { frameRate: 30, isBridged: false, leadUs: 0, tailUs: 0, isInterlaced: false }
const job: FfmpegJob = { inputArguments: ['-i', 'in.mp4'], isStream: false, isLooped: true, segmentDurationMs: 2000, video: { preset: 'veryfast' }, plan, audio: { bitrate: 96_000, track: undefined } }
const valueOf = (args: readonly string[], option: string): string | undefined => args[args.indexOf(option) + 1]

describe('buildFfmpegArguments', () => {
  it('puts what concerns the input before it, and sound on an output of its own', () => {
    const args = buildFfmpegArguments(job)
    expect(args.indexOf('-stream_loop')).toBeLessThan(args.indexOf('in.mp4'))
    expect(args).toContain('-nostdin')
    expect(args.indexOf('1:V:0')).toBeLessThan(args.indexOf('pipe:1'))
    expect(args.indexOf('1:a:0?')).toBeGreaterThan(args.indexOf('pipe:1'))
    expect(args.slice(-1)).toEqual(['pipe:3'])
  })

  it('reads standard input only when that is the input, and little of it before it begins', () => {
    const args = buildFfmpegArguments({ ...job, inputArguments: ['-i', 'pipe:0'], isStream: true, isLooped: false })
    for (const absent of ['-nostdin', '-re', '-stream_loop']) expect(args).not.toContain(absent)
    expect(args.indexOf('-probesize')).toBeLessThan(args.indexOf('pipe:0'))
  })

  it('lets what is said after the input hold of pictures and of sound', () => {
    const args = buildFfmpegArguments({ ...job, inputArguments: ['-f', 'lavfi', '-i', 'testsrc2', '-t', '8'], isLooped: false })
    const first = args.indexOf('pipe:1')
    const ends = args.flatMap((word, i) => (word === '-t' ? [i] : []))
    expect(ends.map((i) => args[i + 1])).toEqual(['8', '8'])
    expect(ends.map((i) => i < first)).toEqual([true, false])
    expect(ends.every((i) => i > args.indexOf('testsrc2'))).toBe(true)
  })

  it('keeps to the rate that is planned and to the one that is asked for', () => {
    const rates = (video: Partial<VideoWishes>, frameRate: number | undefined): readonly (string | undefined)[] => {
      const args = buildFfmpegArguments({ ...job, video: { preset: 'veryfast', ...video }, plan: { ...plan, frameRate } })
      return [args.includes('-r') ? valueOf(args, '-r') : undefined, args.includes('-fpsmax') ? valueOf(args, '-fpsmax') : undefined]
    }
    expect(rates({}, 30)).toEqual(['30', undefined])
    expect(rates({ frameRate: 25 }, 30)).toEqual(['25', undefined])
    expect(rates({ frameRate: 50 }, 30)).toEqual(['30', undefined])
    expect(rates({}, undefined)).toEqual([undefined, '120'])
    expect(rates({ frameRate: 25 }, undefined)).toEqual([undefined, '25'])
  })

  it('bounds the size, also where nobody asks', () => {
    const filter = (video: Partial<VideoWishes>): string => valueOf(buildFfmpegArguments({ ...job, video: { preset: 'veryfast', ...video } }), '-vf') ?? ''
    expect(filter({})).toContain('min(4096/(iw*sar),4096/ih)')
    expect(filter({ maxWidth: 640 })).toContain('min(640/(iw*sar),4096/ih)')
  })

  it('lets pictures stand only where the plan says so', () => {
    const filter = (changes: Partial<FfmpegJob['plan']>): string => valueOf(buildFfmpegArguments({ ...job, plan: { ...plan, ...changes } }), '-vf') ?? ''
    for (const part of ['interleave', 'tpad', 'bwdif']) expect(filter({})).not.toContain(part)
    expect(filter({ isBridged: true })).toContain('interleave')
    expect(filter({ isBridged: true, leadUs: 2_000_000, tailUs: 1_500_000 })).toMatch(/PTS-STARTPTS.*start_duration=2\.0.*stop_duration=1\.5/)
    expect(filter({ isInterlaced: true })).toContain('bwdif')
  })

  it('takes the track of sound that is known, and two of its channels where it is not known how to mix them', () => {
    const argsOf = (channels: number, hasLayout: boolean): string => buildFfmpegArguments({ ...job, audio: { bitrate: 96_000, track: { index: 3, channels, hasLayout } } }).join(' ')
    for (const args of [argsOf(6, true), argsOf(6, false), argsOf(22, true)]) expect(args).not.toContain('pan=')
    expect(argsOf(48, false)).toContain('-map 1:3 -map 0:v:0 -af pan=stereo|c0=c0|c1=c1,aresample')
  })

  it('passes video on, and leaves sound out', () => {
    const args = buildFfmpegArguments({ ...job, video: 'copy', audio: false })
    expect(args.join(' ')).toContain('-map 0:V:0 -c:v copy')
    for (const absent of ['-vf', 'libopus', 'pipe:3', 'lavfi']) expect(args).not.toContain(absent)
  })
})
