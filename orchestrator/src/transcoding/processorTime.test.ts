import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { computeAllowedSeconds, computeKeptSeconds, readProcessorSeconds, watchProcessorTime } from './processorTime.js'

const running: (() => void)[] = []
afterEach(() => {
  for (const stop of running.splice(0)) stop()
})

/** A process that computes as much as it can. */
function startSpinning(): number {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
  running.push(() => child.kill('SIGKILL'))
  return child.pid ?? 0
}

describe('processor time', () => {
  it('is allowed by pictures, their size and the time that they last', () => {
    const terms = { pixelsPerPicture: 1_000_000, frameRate: 25 }
    expect(computeAllowedSeconds(25, terms)).toBeCloseTo(12.75)
    expect(computeAllowedSeconds(25, { ...terms, pixelsPerPicture: 256 })).toBeLessThan(0.3)
    expect(computeAllowedSeconds(1, { pixelsPerPicture: 256, frameRate: 1 })).toBeLessThan(0.3)
    expect(computeKeptSeconds(terms)).toBeCloseTo(60 * 12.75)
  })

  // What the system does not tell bounds nothing.
  it.runIf(existsSync('/proc/self/stat'))('beyond what is allowed ends what takes it, and not before', async () => {
    const pid = startSpinning()
    const seconds = await new Promise<number>((exceeded) => running.push(watchProcessorTime({ pid, allowedSeconds: () => 0, kept: 0, patience: 0.3, exceeded }).stop))
    expect(seconds).toBeGreaterThan(0.3)
    expect(await readProcessorSeconds(pid)).toBeGreaterThanOrEqual(seconds)
    expect(await readProcessorSeconds(2 ** 30)).toBeUndefined()
  })

  it.runIf(existsSync('/proc/self/stat'))('that was not taken is saved up for a while of media, not for ever', async () => {
    const pid = startSpinning()
    let looks = 0
    // An hour is allowed before the first look, and nothing from then on.
    const allowedSeconds = (): number => (++looks, 3_600)
    await new Promise<number>((exceeded) => running.push(watchProcessorTime({ pid, allowedSeconds, kept: 0.5, patience: 0.3, exceeded }).stop))
    expect(looks).toBeGreaterThan(1)
  })
})
