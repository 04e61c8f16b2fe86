/**
 * Who may ask for what: checks the signature, the age and the freshness of a request that changes state. Each nonce is
 * accepted once; what it remembers is bounded.
 */

import { createHash } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'
import { hashRequest, type Domain, type Recover } from '@streamflow/sdk/payments'
import { decodeAuthorization, limits, type Authorization } from '@streamflow/sdk/protocol'
import type { Clock } from './clock.js'

type Hex = `0x${string}`

/** A request as it came in. */
export interface GuardedRequest {
  /** The `Authorization` header. */
  readonly header: string | undefined
  /** One of `actions`. */
  readonly action: string
  readonly streamId: Hex
  /** The body as it was sent; empty if there was none. */
  readonly body: Uint8Array
}

/** What the signature proves. */
export interface ProvenRequest extends Authorization {
  /** Who signed; whether that key may act for `sender` is for the caller to know. */
  readonly signer: Hex
}

/**
 * Nonces remembered at once, each for twice the allowed skew. Anybody can make keys and fill this, so the oldest gives
 * way: refusing instead would shut everybody out. What a stream's own order of requests refuses does not depend on it.
 */
const maxNonces = 200_000

/** Checks requests addressed to one orchestrator. */
export class RequestGuard {
  readonly #parts: { readonly domain: Domain; readonly orchestrator: Hex; readonly recover: Recover; readonly clock: Clock }
  /** Nonce → when it may be forgotten (ms). In order of insertion, hence nearly of expiry. */
  readonly #nonces = new Map<Hex, number>()

  constructor(parts: { readonly domain: Domain; readonly orchestrator: Hex; readonly recover: Recover; readonly clock: Clock }) {
    this.#parts = parts
  }

  /**
   * Proves who signed a request. The nonce is used up only by {@link RequestGuard.spend}, so that nobody can use up another's.
   * @throws {@link StreamflowError} `Unauthorized`
   */
  prove({ header, action, streamId, body }: GuardedRequest): ProvenRequest {
    const { domain, orchestrator, recover, clock } = this.#parts
    const authorization = decodeAuthorization(header)
    const { sender, issuedAt, nonce, signature } = authorization
    const skewSeconds = Math.abs(clock.nowMs() / 1_000 - issuedAt)
    if (skewSeconds > limits.requestSkewSeconds) {
      throw new StreamflowError('Unauthorized', `the request is ${Math.round(skewSeconds)} s away from this clock, at most ${limits.requestSkewSeconds} s`, {
        data: { serverTime: Math.floor(clock.nowMs() / 1_000) },
      })
    }
    if (this.#nonces.has(nonce)) throw new StreamflowError('Unauthorized', 'the nonce was used')
    const bodyHash = `0x${createHash('sha256').update(body).digest('hex')}` as const
    const signer = recover(hashRequest(domain, { orchestrator, sender, action, streamId, bodyHash, issuedAt, nonce }), signature)
    if (signer === undefined) throw new StreamflowError('Unauthorized', 'the signature is not valid')
    return { ...authorization, signer }
  }

  /**
   * Uses up the nonce of a proven request.
   * @throws {@link StreamflowError} `Unauthorized` if it was used
   */
  spend({ nonce }: ProvenRequest): void {
    const nowMs = this.#parts.clock.nowMs()
    for (const [old, forgetAtMs] of this.#nonces) {
      if (forgetAtMs > nowMs && this.#nonces.size < maxNonces) break
      this.#nonces.delete(old)
    }
    if (this.#nonces.has(nonce)) throw new StreamflowError('Unauthorized', 'the nonce was used')
    this.#nonces.set(nonce, nowMs + 2 * limits.requestSkewSeconds * 1_000)
  }
}
