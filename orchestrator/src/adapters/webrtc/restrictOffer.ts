/** What of a foreign session description may reach the WebRTC library. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'

/** Candidates of an offer that are tried; each is an address that this machine will send packets to. */
const maxCandidates = 24

/**
 * Keeps an offer's first candidates that are plain addresses. Names are left out: resolving them (mDNS `.local` above
 * all) takes seconds and lets a stranger choose what this machine looks up; the peer reaches us by our candidates anyway.
 * @throws {@link StreamflowError} `BadMessage` if it offers no data channel
 */
export function restrictOffer(sdp: string): string {
  const lines = sdp.split(/\r\n|\n/)
  if (!lines.some((line) => line.startsWith('m=application '))) throw new StreamflowError('BadMessage', 'the offer has no data channel')
  let count = 0
  const kept = lines.filter((line) => {
    if (!line.startsWith('a=candidate:')) return true
    const address = line.split(' ')[4] ?? ''
    return isAddress(address) && ++count <= maxCandidates
  })
  return kept.join('\r\n')
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text))
}
