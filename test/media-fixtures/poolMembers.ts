/** Transcoders of a pool as programs of their own, as on machines of their own. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { getTranscoderCommand } from './transcoderBundle.js'

/** A running one. */
export interface PoolMember {
  readonly pid: number
  signal(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>
  /** Kills it outright. */
  kill(): Promise<void>
}

/** Starts one; it joins by itself. @param flags - beside those that every test wants */
export async function startPoolMember({ url, name, pixelsPerSecond = 1e9, flags = [] }: { readonly url: string; readonly name?: string; readonly pixelsPerSecond?: number; readonly flags?: readonly string[] }): Promise<PoolMember> {
  const [program = '', ...args] = await getTranscoderCommand()
  const named = name === undefined ? [] : ['--pool-name', name]
  const child = spawn(program, [...args, '--pool', url, ...named, '--pixels-per-second', String(pixelsPerSecond), ...flags], { stdio: ['ignore', 'ignore', 'ignore'] })
  const exited = waitFor(child)
  const pid = child.pid ?? 0
  return {
    pid, exited,
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function waitFor(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return code ?? signal ?? ''
}
