/** Puts a committee member's program together. */

import { join } from 'node:path'
import type { Logger } from 'pino'
import { getChallengeTerms, isSignerAt } from '@streamflow/sdk'
import { getDomain, getEntry, type Network } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import { describeExactService, hashExactService, type ExactEncoder } from '@streamflow/sdk/payments'
import { recoverReceiptSigner, type Evidence } from '@streamflow/sdk/protocol'
import type { LocalAccount } from 'viem/accounts'
import { createEvidenceFinder } from './adapters/attestation/createEvidenceFinder.js'
import { createEvidenceShelf } from './adapters/attestation/createEvidenceShelf.js'
import { createMembers } from './adapters/attestation/createMembers.js'
import { createVerdictJournal } from './adapters/attestation/createVerdictJournal.js'
import { openAttestationServer } from './adapters/attestation/openAttestationServer.js'
import { createAttestationChain } from './adapters/chain/createAttestationChain.js'
import { createNativeSigner } from './adapters/signer/createNativeSigner.js'
import type { Config } from './config/settings.js'
import { Attester, type AttestationChain, type AttesterEvents } from './core/attestation/attester.js'
import { identifyExactEncoder } from './transcoding/exact/identifyExactEncoder.js'
import { judgeExactly } from './transcoding/exact/judgeExactly.js'
import { findConfinement } from './transcoding/confinement.js'

type Hex = `0x${string}`

/** What a member is made of. */
export interface AttesterProgramOptions {
  readonly config: Config
  readonly network: Network
  /** The member: an orchestrator's account. */
  readonly account: Hex
  /** 32 bytes: the account's own, or of its signer in the registry. */
  readonly privateKey: Uint8Array
  /** Of the same key: pays for handing answers in. */
  readonly wallet: LocalAccount
  readonly log: Logger
}

/** A running member. */
export interface AttesterProgram {
  /** How challengers and the other members reach it. */
  readonly url: string
  /** What it can judge. */
  readonly serviceId: Hex
  close(): Promise<void>
}

/**
 * Starts it.
 * @throws {@link StreamflowError} `ConfigInvalid` if the key does not sign for the account, `Unsupported` if this ffmpeg has no libx264
 */
export async function createAttester({ config, network, account, privateKey, wallet, log }: AttesterProgramOptions): Promise<AttesterProgram> {
  const signer = createNativeSigner(privateKey)
  await assertSigns(network, account, signer.address)
  const command = { ffmpegPath: config.transcoder.ffmpeg, confinement: await findConfinement(config.transcoder.ffmpeg) }
  const encoder = await identifyExactEncoder(command)
  const serviceId = hashExactService(encoder)
  const windowMs = await readAnswerWindow(network, encoder, log)

  const folder = join(config.data.directory, 'attestation')
  const journal = await createVerdictJournal(join(folder, 'verdicts'))
  const shelf = createEvidenceShelf({ folder: join(folder, 'evidence'), maxBytes: config.attest.evidenceBytes })
  const servers = config.attest.members.map((url) => url.replace(/\/+$/, ''))
  const server = await openAttestationServer({
    host: config.attest.host, port: config.attest.port, ...(config.attest.publicUrl !== undefined && { publicUrl: config.attest.publicUrl }),
    shelf, journal, isWorthKeeping: (evidence) => isOfNetwork(network, evidence),
  })
  const chain = releaseWhenOver(createAttestationChain({ network, wallet, sinceSeconds: Math.floor((Date.now() - windowMs) / 1_000) }), shelf)
  const attester = new Attester({
    account, domain: getDomain(network), sign: (digest) => signer.sign(digest), chain, journal,
    evidence: createEvidenceFinder({ shelf, members: servers, allowPrivate: config.attest.allowPrivate, missed: (error) => log.debug({ err: error }, 'evidence is not to be had here') }),
    judge: (evidence) => judgeExactly({ command, encoder }, evidence),
    members: createMembers(servers, (error) => log.debug({ err: error }, 'a member has no answer')),
    events: logEvents(log),
  })

  const lifetime = new AbortController()
  const turning = turnUntil(attester, config.attest.pollIntervalMs, lifetime.signal)
  log.info({ url: server.url, account, serviceId, service: describeExactService(encoder), members: servers }, 'attesting')
  return {
    url: server.url,
    serviceId,
    async close() {
      lifetime.abort()
      await turning
      await server.close()
      log.info('stopped')
    },
  }
}

/** A signature by another key counts for nothing. */
async function assertSigns(network: Network, account: Hex, key: Hex): Promise<void> {
  const entry = await getEntry(network, account)
  const signer = entry?.signer ?? account
  if (signer.toLowerCase() === key.toLowerCase()) return
  throw new StreamflowError('ConfigInvalid', `${signer} signs for ${account}, not this key (${key})`, { data: { account, signer, key } })
}

/** How far back a challenge may lie that still waits. */
async function readAnswerWindow(network: Network, encoder: ExactEncoder, log: Logger): Promise<number> {
  const terms = await getChallengeTerms({ network, service: hashExactService(encoder) })
  if (terms.verifier !== network.contracts.attestationVerifier) log.warn({ service: describeExactService(encoder), judge: terms.verifier ?? null }, 'nobody, or somebody else, judges what this ffmpeg can repeat: challenges of another service are left to others')
  const roundMs = terms.windowMs / Number(terms.window + 1n)
  return roundMs * Number(terms.answerPeriod + 1n)
}

async function isOfNetwork(network: Network, evidence: Evidence): Promise<boolean> {
  const { domain, receipt } = evidence
  const own = getDomain(network)
  const key = recoverReceiptSigner(evidence)
  if (key === undefined || domain.chainId !== own.chainId || domain.ticketBroker !== own.ticketBroker.toLowerCase()) return false
  return (await getEntry(network, receipt.orchestrator)) !== undefined && isSignerAt({ network, orchestrator: receipt.orchestrator, key, round: receipt.round })
}

/** What no challenge asks for any more need not be kept. */
function releaseWhenOver(chain: AttestationChain, shelf: ReturnType<typeof createEvidenceShelf>): AttestationChain {
  return {
    ...chain,
    async listWaiting() {
      const waiting = await chain.listWaiting()
      await shelf.release(new Set(waiting.map(({ receiptHash }) => receiptHash)))
      return waiting
    },
  }
}

function logEvents(log: Logger): AttesterEvents {
  return {
    signed: ({ challengeId, verdict }) => log.info({ challengeId, verdict }, 'signed'),
    submitted: (challengeId, verdict) => log.info({ challengeId, verdict }, 'enough members agree: handed in'),
    abstained: (challengeId) => log.warn({ challengeId }, 'left to the others: this service cannot be repeated here'),
    troubled: (error, challengeId) => log.warn({ err: error, ...(challengeId && { challengeId }) }, 'tried again in the next turn'),
  }
}

async function turnUntil(attester: Attester, intervalMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await attester.turn()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, intervalMs)
      function done(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }
}
