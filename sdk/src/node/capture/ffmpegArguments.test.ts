import { describe, expect, it } from 'vitest'
import { buildFfmpegArguments, type FfmpegJob } from './ffmpegArguments.js'

const job: FfmpegJob = { inputArguments: ['-i', 'in.mp4'], isRealTime: true, isLive: false, isLooped: true, segmentDurationMs: 2000, video: { preset: 'veryfast' }, audio: { bitrate: 96_000 } }

describe('buildFfmpegArguments', () => {
  it('puts what concerns the input before it', () => {
    const args = buildFfmpegArguments(job)
    expect(args.indexOf('-re')).toBeLessThan(args.indexOf('-i'))
    expect(args.indexOf('-stream_loop')).toBeLessThan(args.indexOf('-i'))
    expect(args).toContain('-nostdin')
    expect(args).toContain('expr:gte(t,n_forced*2)')
    expect(args.slice(-1)).toEqual(['pipe:1'])
  })

  it('reads standard input only when that is the input', () => {
    const args = buildFfmpegArguments({ ...job, inputArguments: ['-i', 'pipe:0'], isRealTime: false, isLooped: false })
    for (const absent of ['-nostdin', '-re', '-stream_loop']) expect(args).not.toContain(absent)
  })

  it('bounds rate and size only where it is asked to', () => {
    const filter = (video: FfmpegJob['video']): string => {
      const args = buildFfmpegArguments({ ...job, video })
      return args[args.indexOf('-vf') + 1]!
    }
    expect(filter({ preset: 'veryfast' })).not.toContain('fps')
    expect(filter({ preset: 'veryfast', frameRate: 25, maxWidth: 640 })).toMatch(/fps=.*25.*640/)
  })

  it('passes video on, and leaves sound out', () => {
    const args = buildFfmpegArguments({ ...job, video: 'copy', audio: false })
    expect(args.join(' ')).toContain('-c:v copy')
    for (const absent of ['-vf', 'libopus', '0:a:0?']) expect(args).not.toContain(absent)
  })
})
