import { existsSync, readFileSync } from 'node:fs'

/** The lines of a file that somebody appends to who may be killed within a line: half of one was not written. None where there is no file. */
export function readWholeLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}
