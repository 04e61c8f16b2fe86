// Whether something must be built again: a hash over what it is made from.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @returns {string[]} files at or below a path, sorted; tests decide nothing */
function listFiles(root, path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  try {
    return readdirSync(full, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(test|spec)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
  } catch (error) {
    if (error.code === 'ENOTDIR') return [full]
    throw error
  }
}

/**
 * @param {string} root
 * @param {string[]} paths - files and folders, relative to the root; what is not there is left out
 * @returns {string} hex SHA-256 over names and contents
 */
export function hashFiles(root, paths) {
  const hash = createHash('sha256')
  for (const path of paths) for (const file of listFiles(root, path)) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}
