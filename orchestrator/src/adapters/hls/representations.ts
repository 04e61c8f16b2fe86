/** What is answered whole: playlists, media, refusals, each made once and shared by all who ask for it. */

import { errorCodes, StreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import { createErrorReply, stringify } from '@streamflow/sdk/protocol'
import type { Representation } from '../../core/delivery.js'

const encoder = new TextEncoder()

/** What does not exist now may exist soon; a cache asks again after so long. */
const missingCache = 'public, max-age=1'

const plainRefusals = new Map<string, Representation>()

/** A refusal with the one body that every error has here. */
export function createRefusal(code: ErrorCode, message: string = errorCodes[code].help): Representation {
  const { status, retry } = errorCodes[code]
  const retryAfterSeconds = retry === 'later' ? 1 : undefined
  const error = new StreamflowError(code, message, { data: retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1000 } })
  return {
    status, type: 'application/json; charset=utf-8', cacheControl: status === 404 ? missingCache : 'no-store', isText: false,
    body: encoder.encode(stringify(createErrorReply(error))), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

/** The same for all who are refused alike: a flood of wrong requests costs no more than their reading. `message` is of a closed set. */
export function getRefusal(code: ErrorCode, message: string = errorCodes[code].help): Representation {
  const key = `${code} ${message}`
  let refusal = plainRefusals.get(key)
  if (refusal === undefined) plainRefusals.set(key, (refusal = createRefusal(code, message)))
  return refusal
}

/** Keeps what was made from an object for as long as the object lives. */
export class Representations {
  readonly #of = new WeakMap<object, Representation>()
  readonly #texts = new Map<string, { readonly text: string; readonly representation: Representation }>()
  readonly #nonce: string
  #versions = 0

  /** @param nonce - tells the tags of this stream from those of the same stream elsewhere or before a restart, whose bytes differ */
  constructor(nonce: string) {
    this.#nonce = nonce
  }

  /** Media: never changes. */
  media(of: object, make: () => { readonly name: string; readonly type: string; readonly body: Uint8Array }): Representation {
    const known = this.#of.get(of)
    if (known !== undefined) return known
    const { name, type, body } = make()
    const made: Representation = { status: 200, type, cacheControl: 'public, max-age=3600, immutable', body, isText: false, tag: `${this.#nonce}-${name}` }
    this.#of.set(of, made)
    return made
  }

  /**
   * A text: the same object until it changes.
   * @param key - of a closed set: the newest text of each is kept
   * @param type - media type; @default a playlist's
   */
  text(key: string, cacheControl: string, text: string, type = 'application/vnd.apple.mpegurl'): Representation {
    const known = this.#texts.get(key)
    if (known?.text === text && known.representation.cacheControl === cacheControl) return known.representation
    const representation: Representation = {
      status: 200, type, cacheControl, body: encoder.encode(text), isText: true, tag: `${this.#nonce}-${++this.#versions}`,
    }
    this.#texts.set(key, { text, representation })
    return representation
  }
}
