// JSON files that are there whole or not at all.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Undefined if there is no such file. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all: a reader never sees half a file. */
export function writeJson(path, value) {
  writeFileSync(`${path}.tmp`, `${JSON.stringify(value, undefined, 2)}\n`)
  renameSync(`${path}.tmp`, path)
}
