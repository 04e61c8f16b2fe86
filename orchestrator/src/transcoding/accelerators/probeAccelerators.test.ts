import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createShimFfmpeg, type ShimFfmpeg } from '../../../../test/media-fixtures/createShimFfmpeg.js'
import { findConfinement } from '../confinement.js'
import type { FfmpegCommand } from '../ffmpegProcess.js'
import { createAccelerator, processorAccelerator } from './accelerator.js'
import { measureAccelerator } from './measureAccelerator.js'
import { anyAccelerator, isProven, listProven, probeAccelerators, type AcceleratorChoice, type ProbeResult } from './probeAccelerators.js'
import { makeTrialClip, type TrialClip } from './trialClip.js'
import { trialClip, tryAccelerator } from './tryAccelerator.js'

/** Nobody's rates: what is asked here is what works. */
const pixelsPerSecond = 1
let shim: ShimFfmpeg
let confinement: readonly string[]
let folder = ''
let programs = 0

beforeAll(async () => {
  ;[shim, folder] = await Promise.all([createShimFfmpeg(), mkdtemp(join(tmpdir(), 'probe-'))])
  confinement = await findConfinement(shim.path)
})
afterAll(async () => {
  await shim.close()
  await rm(folder, { recursive: true })
})

const choose = (change: Partial<AcceleratorChoice>): AcceleratorChoice => ({ ...anyAccelerator, exclude: ['vaapi', 'qsv'], devices: ['0', '1'], ...change })
const probe = (change: Partial<AcceleratorChoice>): Promise<readonly ProbeResult[]> => probeAccelerators({ ffmpegPath: shim.path, confinement }, { choice: choose(change), pixelsPerSecond })
const listNames = (results: readonly ProbeResult[]): readonly string[] => results.filter(isProven).map(({ accelerator }) => accelerator.name)
const reasonOf = (results: readonly ProbeResult[], wanted: string): string | undefined => results.flatMap((result) => (isProven(result) || result.name !== wanted ? [] : [result.reason]))[0]

/** A program in the place of ffmpeg. */
async function writeProgram(script: string): Promise<FfmpegCommand> {
  const ffmpegPath = join(folder, `ffmpeg-${programs++}`)
  await writeFile(ffmpegPath, `#!/bin/sh\n${script}\n`)
  await chmod(ffmpegPath, 0o755)
  return { ffmpegPath, confinement }
}

describe('chains', () => {
  test('are tried on every device, and the best that works on each is taken', async () => {
    await shim.setFault(1, 'gone')
    const results = await probe({})
    await shim.setFault(1, 'none')
    expect(listNames(results)).toEqual(['nvidia:0', 'x264'])
    expect(reasonOf(results, 'nvidia:1')).toMatch(/CUDA_ERROR_NO_DEVICE/)
    expect(reasonOf(results, 'nvidia-decode:0')).toBe('not tried: nvidia:0 works')
    expect(results.filter(isProven).map(({ codecs }) => codecs)).toEqual([['h264', 'vp8', 'vp9', 'av1'], ['h264', 'vp8', 'vp9', 'av1']])
  })

  test('can be excluded by kind or device, and one kind can be asked for alone', async () => {
    expect(listNames(await probe({ exclude: ['nvidia', 'vaapi', 'qsv', 'nvidia-decode:1'] }))).toEqual(['nvidia-decode:0', 'x264'])
    const forced = await probe({ kind: 'nvidia', devices: ['1'] })
    expect(listNames(forced)).toEqual(['nvidia:1'])
    expect(reasonOf(forced, 'x264')).toBe('excluded by the settings')
    expect(() => listProven(forced.filter((result) => !isProven(result)), 'ffmpeg')).toThrow(/no way to transcode .*x264: excluded/)
  })

  test('are told of on a machine that has no card, each with its reason', async () => {
    const results = await probeAccelerators({ ffmpegPath: 'ffmpeg', confinement }, { choice: { ...anyAccelerator, exclude: ['nvidia', 'nvidia-decode', 'vaapi', 'qsv'] } })
    expect(listNames(results)).toEqual(['x264'])
    expect(results.find(isProven)?.pixelsPerSecond).toBeGreaterThan(0)
    for (const result of results) if (!isProven(result)) expect(result.reason).not.toBe('')
  })

  test('cannot be tried without ffmpeg, or with one that makes nothing: the reason is told', async () => {
    await expect(probeAccelerators({ ffmpegPath: 'false', confinement: [] })).rejects.toMatchObject({ code: 'Unsupported' })
    await expect(probeAccelerators({ ffmpegPath: '/nonexistent/ffmpeg', confinement: [] })).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('ENOENT') })
  })
})

describe('a trial', () => {
  let clip: TrialClip
  beforeAll(async () => {
    clip = await makeTrialClip({ ffmpegPath: 'ffmpeg', confinement }, { codec: 'h264', ...trialClip })
  })

  test('counts the pictures that come out, and looks at them', async () => {
    const command = { ffmpegPath: 'ffmpeg', confinement }
    expect(await tryAccelerator(command, processorAccelerator, clip)).toBeUndefined()
    expect(await tryAccelerator(command, processorAccelerator, { ...clip, frames: 9 })).toBe('of 9 pictures 8 came out of rung 1')
    const green = createAccelerator('x264')
    expect(await tryAccelerator(command, { ...green, scale: (size) => `${green.scale(size)},lutyuv=y=16` }, clip)).toMatch(/another picture/)
    expect(await tryAccelerator(command, { ...green, encoder: ['libx264', '-preset', 'nonsense'] }, clip)).toMatch(/nonsense/)
  })

  test('measures what comes out, and never more than can be true', async () => {
    const measured = { ...clip, frames: 8 }
    const measure = (command: FfmpegCommand, cores: number): Promise<number> => measureAccelerator(command, processorAccelerator, measured, cores)
    expect(await measure({ ffmpegPath: 'ffmpeg', confinement }, 1)).toBeGreaterThan(0)
    expect(await measure(await writeProgram('exit 1'), 2)).toBe(0)
    // All at once, as if it took no time: FLV with a picture of a byte in each tag.
    const head = Buffer.from([...Buffer.from('FLV'), 1, 1, 0, 0, 0, 9, 0, 0, 0, 0])
    const tag = Buffer.from([9, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0x17, 1, 0, 0, 0, 0, 0, 0, 0, 17])
    await writeFile(join(folder, 'pictures.flv'), Buffer.concat([head, ...Array.from({ length: 20_000 }, () => tag)]))
    const atOnce = await writeProgram(`cat '${join(folder, 'pictures.flv')}' >&3; cat '${join(folder, 'pictures.flv')}' >&4`)
    expect(await measure(atOnce, 1)).toBe(400e6)
  })
})
