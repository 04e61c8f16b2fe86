/** Covers secrets in text that people or machines may keep: what is known to be one, and what looks like one. Pure. */

const cover = '***'
/** Shorter ones would cover half of every line. */
const minSecretLength = 6
/** Who may call, in front of a host. */
const userInfo = /(\b[a-z][a-z0-9+.-]{1,20}:(?:\/\/)?)[^\s/@"'\\]{1,512}@/gi
const url = /\b(?:https?|wss?):\/\/[^\s"'\\<>]+/gi
/** A key of an endpoint: long, and neither an address nor a hash. */
const keyLike = /^(?!0x(?:[0-9a-f]{40}|[0-9a-f]{64})$)[A-Za-z0-9_-]{20,}$/i
const keyNames = /^(api-?key|key|token|access_token|secret|password|pass|auth|sig|signature)$/i

function coverUrl(text: string): string {
  const [address = '', query] = text.split('?', 2)
  const [scheme = '', rest = ''] = address.split('://')
  const [host = '', ...path] = rest.split('/')
  const plain = [host, ...path.map((segment) => (keyLike.test(segment) ? cover : segment))].join('/')
  return `${scheme}://${plain}${query === undefined ? '' : `?${query.split('&').map(coverParameter).join('&')}`}`
}

function coverParameter(parameter: string): string {
  const [name = '', value] = parameter.split('=', 2)
  return value !== undefined && (keyNames.test(name) || keyLike.test(value)) ? `${name}=${cover}` : parameter
}

/** What of an endpoint's URL may be its key: everything behind the host, unless it is nothing. */
export function listUrlSecrets(text: string): readonly string[] {
  try {
    const { protocol, pathname, search, username, password } = new URL(text)
    if (!/^(https?|wss?):$/.test(protocol)) return []
    return [pathname.length > 1 ? pathname : '', search, username, password].filter((secret) => secret.length >= minSecretLength)
  } catch {
    return []
  }
}

/** The password in the URL of a server, as it is written there and as it is meant. */
export function listUrlPassword(text: string | undefined): readonly string[] {
  try {
    const { password } = new URL(text ?? '')
    return [password, decodeURIComponent(password)]
  } catch {
    return []
  }
}

/**
 * Makes what covers.
 * @param secrets - known ones, wherever they appear; those of less than six characters are left to their shape
 */
export function createRedactor(secrets: readonly string[] = []): (text: string) => string {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= minSecretLength).sort((a, b) => b.length - a.length)
  return (text) => {
    let covered = text
    for (const secret of known) covered = covered.replaceAll(secret, cover)
    return covered.replaceAll(userInfo, `$1${cover}@`).replaceAll(url, coverUrl)
  }
}
