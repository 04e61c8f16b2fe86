import { describe, expect, test } from 'vitest'
import { chooseEncoder, encoders, measureEncoder } from './encoders.js'
import { computeFfmpegArguments } from './ffmpegArguments.js'
import { findConfinement } from './ffmpegProcess.js'
import { createJob } from '../../../test/media-fixtures/transcodeRecorder.js'

const software = encoders.find((encoder) => encoder.isSoftware)

describe('encoders', () => {
  test('are tried until one works, and measured', async () => {
    const command = { ffmpegPath: 'ffmpeg', confinement: await findConfinement() }
    const encoder = await chooseEncoder(command)
    expect(encoders).toContain(encoder)
    expect(await measureEncoder(command, encoder)).toBeGreaterThan(1e6)
  })

  test('that all fail are an Unsupported machine, with the reason of each', async () => {
    await expect(chooseEncoder({ ffmpegPath: 'false', confinement: [] })).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('libx264') })
    await expect(chooseEncoder({ ffmpegPath: '/nonexistent/ffmpeg', confinement: [] })).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('ENOENT') })
  })
})

describe('the command line', () => {
  const job = createJob()

  test('decodes once, encodes each rung at its exact size, and reads nothing but its input', () => {
    if (software === undefined) throw new Error('no software encoder')
    const args = computeFfmpegArguments({ ...job, encoder: software, cores: 2 })
    expect(args.filter((arg) => arg === '-i')).toHaveLength(1)
    expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('pipe')
    expect(args[args.indexOf('-filter_complex') + 1]).toBe('[0:v:0]split=2[s0][s1];[s0]scale=640:360,setsar=1,format=yuv420p[v0];[s1]scale=320:180,setsar=1,format=yuv420p[v1]')
    expect(args.filter((arg) => /^pipe:\d$/.test(arg))).toEqual(['pipe:0', 'pipe:3', 'pipe:4', 'pipe:5'])
    for (const flag of ['-b:v', '-maxrate', '-bufsize', '-force_key_frames']) expect(args.filter((arg) => arg === flag)).toHaveLength(2)
    expect(args).not.toContain('nobuffer')
  })

  test('has no output for sound that does not exist', () => {
    if (software === undefined) throw new Error('no software encoder')
    expect(computeFfmpegArguments({ ...createJob({ audio: 'none' }), encoder: software, cores: 2 })).not.toContain('0:a:0')
  })
})
