/** Where session keys are kept. Declared here; implemented for pages (IndexedDB), for Node (a file) and for memory. */

import type { Domain } from '../payments/domain.js'
import type { SignedGrant } from '../protocol/stream.js'
import type { Address } from '../units/hex.js'

/** What of a session changes while it is used. */
export interface SessionUsage {
  /** The lowest nonce that was never handed out; nonces below it are never handed out again. */
  readonly nextNonce: bigint
  /** wei of expected value that was signed away or is set aside for it; never above the grant's cap. */
  readonly spent: bigint
  /** The wallet took the grant back. */
  readonly isRevoked: boolean
}

/** A session key with the wallet's grant. */
export interface StoredSession {
  /** Address of the key. */
  readonly id: Address
  /** The deployment that the grant is good for. */
  readonly domain: Domain
  readonly grant: SignedGrant
  /** 32 bytes. Never log this. */
  readonly privateKey: Uint8Array
  readonly usage: SessionUsage
}

/** Keeps sessions. What a method did is durable when it resolves. */
export interface SessionStore {
  list(): Promise<readonly StoredSession[]>
  add(session: StoredSession): Promise<void>
  /**
   * Reads, changes and writes the usage of a session; no other tab or process does so in between.
   * @param change - must not wait
   * @returns the usage after the change
   * @throws {@link StreamflowError} `GrantInvalid` if there is no such session; whatever `change` throws, with nothing written
   */
  update(id: Address, change: (usage: SessionUsage) => SessionUsage): Promise<SessionUsage>
  /** Forgets a session and its key; nothing happens if there is none. */
  remove(id: Address): Promise<void>
  /** Runs `task` while no other tab or process runs one under the same name. */
  lock<T>(name: string, task: () => Promise<T>): Promise<T>
}
