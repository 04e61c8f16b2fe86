/** What the page asks of the server that it came from, with the token that its operator brought. */

/** A request that the server refused, or did not answer. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Asks; the answer's JSON. @throws {@link Refusal} */
export type Ask = <T>(method: Method, path: string) => Promise<T>

/** The name under which this tab alone remembers the token. */
const storageKey = 'streamflow-operator-token'

/** The token: from the address, of which it is taken, or from before. */
export function readToken(): string | undefined {
  const fromAddress = decodeURIComponent(location.hash.slice(1))
  if (fromAddress !== '') {
    history.replaceState(undefined, '', location.pathname)
    return fromAddress
  }
  return sessionStorage.getItem(storageKey) ?? undefined
}

/** Remembers the token while this tab lives; `undefined` forgets it. */
export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(storageKey)
  else sessionStorage.setItem(storageKey, token)
}

/** Asks with a token. */
export function createClient(token: string): Ask {
  return async <T>(method: Method, path: string): Promise<T> => {
    let response: Response
    try {
      response = await fetch(path, { method, headers: { authorization: `Bearer ${token}` }, cache: 'no-store' })
    } catch {
      throw new Refusal(0, 'The server does not answer.')
    }
    const body = (await response.json().catch(() => ({}))) as { readonly message?: string; readonly help?: string }
    if (!response.ok) throw new Refusal(response.status, [body.message ?? `The server answers ${response.status}.`, body.help].filter(Boolean).join(' '))
    return body as T
  }
}
