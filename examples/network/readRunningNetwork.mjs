// Which network runs on this machine: it leaves a note in its folder, and the note counts while its process lives.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const noteIn = (folder) => join(folder, 'running.json')

/** Where `npm start` keeps state and logs. @param {string} root - folder of the repository */
export const usualFolder = (root) => join(root, '.streamflow', 'network')

/**
 * @param {string} folder
 * @returns {(import('./startNetwork.mjs').Description & { pid: number }) | undefined}
 */
export function readRunningNetwork(folder) {
  if (!existsSync(noteIn(folder))) return undefined
  const note = JSON.parse(readFileSync(noteIn(folder), 'utf8'))
  try {
    process.kill(note.pid, 0)
    return note
  } catch {
    return undefined
  }
}

/** @param {string} folder @param {import('./startNetwork.mjs').Description} description */
export function writeRunningNetwork(folder, description) {
  writeFileSync(noteIn(folder), JSON.stringify({ ...description, pid: process.pid }, undefined, 2))
}

/** @param {string} folder */
export const removeRunningNetwork = (folder) => rmSync(noteIn(folder), { force: true })
