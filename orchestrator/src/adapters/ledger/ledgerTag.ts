/**
 * Recognizes a ledger that is older than the last one in its place, however it came there: put back with `cp`, from a
 * snapshot of the file, or alone from another machine. A tag in the ledger is renewed again and again, and the last two are
 * noted beside it; a ledger whose tag is none of these is a copy.
 */

import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { LedgerDatabase } from './openDatabase.js'

const tagBytes = 16
const markName = 'tag'

/** Reads and renews the tag of one ledger. */
export class LedgerTag {
  readonly #path: string
  readonly #read: () => string | undefined
  readonly #write: (tag: string) => void

  constructor(database: LedgerDatabase, path: string) {
    this.#path = `${path}.tag`
    const select = database.prepare<unknown[], { readonly value: string }>('SELECT value FROM marks WHERE name = ?')
    const upsert = database.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?)')
    this.#read = () => select.get(markName)?.value
    this.#write = (tag) => void upsert.run(markName, tag)
  }

  /** Whether this ledger is not the last one that was here. One that never had a tag is taken for what it is. */
  isOld(): boolean {
    const tag = this.#read()
    return tag !== undefined && !this.#readNote().includes(tag)
  }

  /**
   * Renews it: first in the note, with the one that the ledger has, then in the ledger. So whatever is interrupted, and
   * whichever of the two is lost with the power, an honest restart finds its tag.
   */
  renew(): void {
    const tag = randomBytes(tagBytes).toString('hex')
    const fresh = `${this.#path}.new`
    writeFileSync(fresh, `${tag} ${this.#read() ?? ''}\n`, { mode: 0o600 })
    renameSync(fresh, this.#path)
    this.#write(tag)
  }

  #readNote(): readonly string[] {
    try {
      return readFileSync(this.#path, 'utf8').trim().split(' ')
    } catch {
      return []
    }
  }
}
