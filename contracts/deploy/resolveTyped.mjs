// Where a file is that was named on the command line: npm runs the scripts of a workspace in the workspace's folder.
import { resolve } from 'node:path'

/** @param {string} path - as it was typed, seen from where it was typed */
export function resolveTyped(path) {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path)
}
