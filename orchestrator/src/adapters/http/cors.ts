/** Which pages may call, and what they may read: one set of rules for all routes. */

/** What pages may send and read. */
export const corsRules = {
  methods: ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'],
  allowedHeaders: ['authorization', 'content-type', 'range', 'if-none-match'],
  exposedHeaders: ['location', 'link', 'retry-after', 'www-authenticate', 'content-length', 'content-range', 'accept-ranges', 'etag'],
  /** How long a browser need not ask again, seconds. */
  maxAge: 86_400,
} as const

/**
 * The fields that let a page read an answer, as name, value, name, value; empty if it may not.
 * @param origins - that may call; `*` for all
 */
export function createCorsFields(origins: readonly string[]): (origin: string | undefined) => readonly string[] {
  const exposed = ['access-control-expose-headers', corsRules.exposedHeaders.join(', ')]
  const forAll = ['access-control-allow-origin', '*', ...exposed]
  if (origins.includes('*')) return () => forAll
  const none = ['vary', 'origin']
  const byOrigin = new Map(origins.map((origin) => [origin, ['vary', 'origin', 'access-control-allow-origin', origin, ...exposed]]))
  return (origin) => (origin === undefined ? none : (byOrigin.get(origin) ?? none))
}
