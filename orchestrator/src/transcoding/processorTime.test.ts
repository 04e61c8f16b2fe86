import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { computeAllowedSeconds, readProcessorSeconds, watchProcessorTime } from './processorTime.js'

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
    const begin = computeAllowedSeconds(0, terms)
    expect(computeAllowedSeconds(25, terms) - begin).toBeCloseTo(12.75)
    expect(computeAllowedSeconds(25, { ...terms, pixelsPerPicture: 256 }) - begin).toBeLessThan(0.3)
    expect(computeAllowedSeconds(1, { pixelsPerPicture: 256, frameRate: 1 }) - begin).toBeLessThan(0.3)
  })

  // What the system does not tell bounds nothing.
  it.runIf(existsSync('/proc/self/stat'))('beyond what is allowed ends what takes it, and not before', async () => {
    const pid = startSpinning()
    const seconds = await new Promise<number>((exceeded) => running.push(watchProcessorTime({ pid, allowedSeconds: () => 0.3, exceeded }).stop))
    expect(seconds).toBeGreaterThan(0.3)
    expect(await readProcessorSeconds(pid)).toBeGreaterThanOrEqual(seconds)
    expect(await readProcessorSeconds(2 ** 30)).toBeUndefined()
  })
})
