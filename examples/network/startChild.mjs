// A program of the network as a child: its own process group, its output in a log file, and never an orphan.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How long a child may take to end by itself before it is killed. */
const defaultGraceMs = 10_000
/** Of the end of a log that a person is shown. */
const maxLineLength = 400

/** @type {import('node:child_process').ChildProcess | undefined} */
let guard

/** Tells the guard (started with the first child) what to end should this process die. */
function tellGuard(line) {
  if (guard === undefined) {
    guard = spawn(process.execPath, [fileURLToPath(new URL('guard.mjs', import.meta.url))], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    guard.unref()
    guard.stdin.unref?.()
    guard.stdin.on('error', () => {})
  }
  guard.stdin.write(`${line}\n`)
}

/**
 * @typedef {object} Child
 * @property {string} name
 * @property {number} pid
 * @property {string} logFile
 * @property {Promise<{ code: number | null, signal: string | null }>} exited - resolves once, however it ended
 * @property {() => boolean} isRunning
 * @property {(signal?: NodeJS.Signals) => void} kill - to the whole group
 * @property {(options?: { graceMs?: number }) => Promise<void>} stop - SIGTERM, then SIGKILL to what is left of the group
 * @property {(lines?: number) => string} tail - the end of its log
 */

/**
 * Starts a program.
 * @param {{ name: string, command: string, args: string[], logFile: string, env?: NodeJS.ProcessEnv, cwd?: string, uid?: number, gid?: number }} options - `uid`, `gid`: whose it becomes
 * @returns {Child}
 */
export function startChild({ name, command, args, logFile, env, cwd, uid, gid }) {
  const log = openSync(logFile, 'a')
  // Detached = a process group of its own: Ctrl-C reaches only the starter, which then ends its children in order.
  const child = spawn(command, args, { cwd, uid, gid, env: { ...process.env, ...env }, stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  let running = child.pid !== undefined
  if (running) tellGuard(`+${child.pid}`)
  const killGroup = (signal) => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  const exited = new Promise((resolve) => {
    const settle = (code, signal) => {
      running = false
      if (child.pid !== undefined) tellGuard(`-${child.pid}`)
      resolve({ code, signal })
    }
    child.once('exit', settle)
    child.once('error', () => settle(null, null))
  })
  return {
    name,
    pid: child.pid ?? -1,
    logFile,
    exited,
    isRunning: () => running,
    kill: (signal = 'SIGKILL') => killGroup(signal),
    async stop({ graceMs = defaultGraceMs } = {}) {
      if (running) {
        process.kill(child.pid, 'SIGTERM')
        const timer = setTimeout(() => killGroup('SIGKILL'), graceMs)
        await exited
        clearTimeout(timer)
      }
      killGroup('SIGKILL') // whatever it left behind
    },
    tail: (lines = 10) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).map((line) => line.slice(0, maxLineLength)).join('\n'),
  }
}
