/** The other members of the committee, asked over HTTP. */

import { toStreamflowError, type StreamflowError } from '@streamflow/sdk/errors'
import { attestationPaths, memberVerdictSchema, parseJson } from '@streamflow/sdk/protocol'
import type { Members } from '../../core/attestation/attester.js'
import { fetchBounded } from './fetchBounded.js'

const bounds = { maxBytes: 4_096, timeoutMs: 5_000, allowPrivate: true } as const

/** @param missed - told of each one that does not answer, or has nothing to say yet */
export function createMembers(servers: readonly string[], missed: (error: StreamflowError) => void): Members {
  return {
    async ask(challengeId) {
      const answers = await Promise.all(servers.map(async (server) => {
        try {
          return [parseJson(memberVerdictSchema, new TextDecoder().decode(await fetchBounded(`${server}${attestationPaths.verdicts}/${challengeId}`, bounds)))]
        } catch (error) {
          missed(toStreamflowError(error, 'EvidenceUnavailable'))
          return []
        }
      }))
      return answers.flat()
    },
  }
}
