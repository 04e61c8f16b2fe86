import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startChild } from './startChild.mjs'

const folder = mkdtempSync(join(tmpdir(), 'streamflow-child-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const node = (name, script) => startChild({ name, command: process.execPath, args: ['-e', script], logFile: join(folder, `${name}.log`) })

describe('children', () => {
  it('says how a child ended, and what it said last', async () => {
    const child = node('speaker', 'console.log("first"); console.error("last"); process.exit(3)')
    expect(await child.exited).toEqual({ code: 3, signal: null })
    expect(child.tail(1)).toBe('last')
    expect(child.isRunning()).toBe(false)
  })

  it('reports a program that does not exist as ended', async () => {
    const child = startChild({ name: 'nobody', command: join(folder, 'nobody'), args: [], logFile: join(folder, 'nobody.log') })
    await child.exited
    expect(child.isRunning()).toBe(false)
    await child.stop()
  })

  it('kills a child that ignores the request to stop', async () => {
    const child = node('deaf', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")')
    await expect.poll(() => child.tail()).toBe('ready')
    await child.stop({ graceMs: 100 })
    expect(isAlive(child.pid)).toBe(false)
  })

  it('leaves no grandchild behind', async () => {
    const child = node('parent', 'const { pid } = require("child_process").spawn("sleep", ["600"]); console.log(pid); setInterval(() => {}, 1000)')
    await expect.poll(() => child.tail()).toMatch(/^\d+$/)
    const grandchild = Number(child.tail())
    await child.stop()
    await expect.poll(() => isAlive(grandchild), { timeout: 10_000 }).toBe(false)
  })

  it('is ended by the guard when the process that started it is killed outright', async () => {
    const script = `import { startChild } from ${JSON.stringify(new URL('startChild.mjs', import.meta.url).href)}
      const child = startChild({ name: 'orphan', command: 'sleep', args: ['600'], logFile: ${JSON.stringify(join(folder, 'orphan.log'))} })
      console.log(child.pid)
      setInterval(() => {}, 1000)`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const orphan = Number(await new Promise((resolve) => starter.stdout.once('data', resolve)))
    expect(isAlive(orphan)).toBe(true)
    starter.kill('SIGKILL')
    await expect.poll(() => isAlive(orphan), { timeout: 10_000 }).toBe(false)
  })
})
