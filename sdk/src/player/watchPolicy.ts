/**
 * Notices when a page's Content-Security-Policy keeps a player from its stream. Whoever loads is told of a failure of the
 * network; only the document is told what it was, in an event.
 */

import { StreamflowError } from '../errors/StreamflowError.js'

/** What to notice, and who hears of it. */
export interface PolicyWatchOptions {
  readonly video: HTMLVideoElement
  /** Addresses of the stream. */
  readonly urls: readonly string[]
  /** Something was blocked, and nothing has played for a while since. */
  readonly onBlocked: (error: StreamflowError) => void
}

/** See {@link watchPolicy}. */
export interface PolicyWatch {
  /** `PolicyBlocked`, once something was blocked and nothing has played since. */
  readonly blocked: StreamflowError | undefined
  /** It plays: what was blocked was not needed. */
  forget(): void
  close(): void
}

/** Milliseconds in which another engine may play that needs nothing of what was blocked. */
const patienceMs = 1_500

/** Watches the documents of the element and of this code. */
export function watchPolicy({ video, urls, onBlocked }: PolicyWatchOptions): PolicyWatch {
  const documents = new Set([document, video.ownerDocument])
  const origins = urls.map((url) => new URL(url, document.baseURI).origin)
  let blocked: StreamflowError | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const isOurs = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent): boolean => {
    const isFromStream = origins.some((origin) => blockedURI.startsWith(origin))
    // Media that a page puts together itself comes from a blob: address, of which the event says no more.
    return effectiveDirective === 'connect-src' ? isFromStream : effectiveDirective === 'media-src' && (isFromStream || blockedURI.startsWith('blob'))
  }
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    if (event.disposition !== 'enforce' || blocked !== undefined || !isOurs(event)) return
    const { effectiveDirective: directive, blockedURI } = event
    const source = blockedURI.startsWith('blob') ? 'blob:' : new URL(blockedURI).origin
    const error = new StreamflowError('PolicyBlocked', `the page's Content-Security-Policy keeps the player from its stream: ${directive} does not allow ${source}`, { data: { directive, source } })
    blocked = error
    timer = setTimeout(() => onBlocked(error), patienceMs)
  }
  for (const each of documents) each.addEventListener('securitypolicyviolation', onViolation)
  return {
    get blocked() {
      return blocked
    },
    forget() {
      clearTimeout(timer)
      blocked = undefined
    },
    close() {
      clearTimeout(timer)
      for (const each of documents) each.removeEventListener('securitypolicyviolation', onViolation)
    },
  }
}
