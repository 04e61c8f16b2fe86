/** Makes the first offer while other things are still being prepared: gathering candidates costs a starting broadcast no time. */

import type { Dial, Dialer, DialOptions } from './transport.js'

/** See {@link dialAhead}. */
export interface AheadDial {
  /** The first call gets the offer that was begun, later ones dial anew. */
  readonly dial: Dial
  /** Gives up an offer that nobody took. Idempotent. */
  close(): void
}

/** Begins to dial at once. */
export function dialAhead(dial: Dial, options: DialOptions): AheadDial {
  let begun: Promise<Dialer> | undefined = dial(options)
  begun.catch(() => undefined) // whoever takes it sees why
  const take = (): Promise<Dialer> | undefined => {
    const taken = begun
    begun = undefined
    return taken
  }
  return {
    dial: (later) => take()?.catch(() => dial(later)) ?? dial(later),
    close: () => void take()?.then((dialer) => dialer.close()).catch(() => undefined),
  }
}
