/** Sessions that live as long as this object: one approval per page load. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import { createMutex } from '../units/mutex.js'
import type { SessionStore, StoredSession } from './sessionStore.js'

/** Creates a store that forgets everything with the page or process. */
export function createMemorySessionStore(): SessionStore {
  const sessions = new Map<Address, StoredSession>()
  return {
    list: () => Promise.resolve([...sessions.values()]),
    async add(session) {
      sessions.set(session.id, session)
    },
    async update(id, change) {
      const session = sessions.get(id)
      if (session === undefined) throw new StreamflowError('GrantInvalid', `no session of key ${id}`)
      const usage = change(session.usage)
      sessions.set(id, { ...session, usage })
      return usage
    },
    async remove(id) {
      sessions.delete(id)
    },
    lock: createMutex(),
  }
}
