// The documents, made beside everything else: nobody waits for them, and nothing is to be slower for them.
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'

/**
 * Builds the documents' site if something changed since the last time.
 * @param {string} root
 * @returns {{ kill(): void }} - `kill` gives it up
 */
export function buildDocs(root) {
  const child = spawn(process.execPath, [join(root, 'examples', 'docs', 'build.mjs')], { stdio: 'ignore' })
  // Without them everything else works.
  child.once('error', () => {})
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  return { kill: () => child.kill() }
}
