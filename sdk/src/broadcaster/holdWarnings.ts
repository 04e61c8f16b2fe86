/** What a source warns of before anybody listens. */

import type { StreamflowError } from '../errors/StreamflowError.js'
import type { Source } from './startBroadcast.js'

/** See {@link holdWarnings}. */
export interface HeldWarnings {
  /** Tells those from before in the next turn, and all that come. */
  release(tell: (warning: StreamflowError) => void): void
}

/** Keeps the source's warnings until somebody can listen: whoever started the broadcast holds it only in the turn after this. */
export function holdWarnings(source: Source): HeldWarnings {
  const held: StreamflowError[] = []
  let tell = (warning: StreamflowError): void => void held.push(warning)
  source.on?.('warning', (warning) => tell(warning))
  return {
    release(next) {
      setTimeout(() => {
        tell = next
        for (const warning of held.splice(0)) next(warning)
      })
    },
  }
}
