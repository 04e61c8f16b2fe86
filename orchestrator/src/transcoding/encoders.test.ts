import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseEncoder, encoders, measureEncoder } from './encoders.js'
import { computeFfmpegArguments } from './ffmpegArguments.js'
import { findConfinement } from './ffmpegProcess.js'
import { createJob } from '../../../test/media-fixtures/transcodeRecorder.js'

const software = encoders.find((encoder) => encoder.isSoftware)

describe('encoders', () => {
  let folder = ''
  let programs = 0
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'encoders-'))))
  afterAll(() => rm(folder, { recursive: true }))

  /** A program in the place of ffmpeg. */
  const writeProgram = async (script: string): Promise<string> => {
    const path = join(folder, `ffmpeg-${programs++}`)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
    return path
  }

  test('are tried, and the best that works is taken', async () => {
    const confinement = await findConfinement()
    const chooseWith = async (working: string): Promise<string> => {
      const ffmpegPath = await writeProgram(`case "$*" in ${working}) exit 0;; esac; exit 1`)
      return (await chooseEncoder({ ffmpegPath, confinement })).name
    }
    expect(await chooseWith('*libx264*')).toBe('libx264')
    expect(await chooseWith('*libx264*|*h264_vaapi*')).toBe('h264_vaapi')
  })

  test('are measured by what they make, and never offer more than can be true', async () => {
    if (software === undefined) throw new Error('no software encoder')
    const confinement = await findConfinement()
    const measureWith = (ffmpegPath: string, cores: number): Promise<number> => measureEncoder({ ffmpegPath, confinement }, software, cores)
    expect(await measureWith('ffmpeg', 2)).toBeGreaterThan(0)
    const atOnce = await writeProgram('(echo "#head"; seq 61) | { all=$(cat); echo "$all" >&3; }')
    expect(await measureWith(atOnce, 2)).toBe(2 * (await measureWith(atOnce, 1)))
    expect(await measureWith(await writeProgram('exit 1'), 2)).toBe(0)
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
