/** What `doctor` looks at, in the order in which it is needed. */

import { mkdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { checkNetwork } from '@streamflow/sdk'
import { getCurrentRound, getRpc, type Network } from '@streamflow/sdk/chain'
import { toStreamflowError } from '@streamflow/sdk/errors'
import type { Config } from '../../config/settings.js'
import { listProven, probeAccelerators } from '../../transcoding/accelerators/probeAccelerators.js'
import { describeConfinement, findConfinement, listConfinement } from '../../transcoding/confinement.js'
import { formatAmount } from '@streamflow/sdk/cli'
import { findMissing } from '../config.js'
import { readAccount, readAddress, readNetwork } from '../operator.js'
import { explainRegistration, readRegistration } from '../registration.js'
import { checkLedger } from './checkLedger.js'
import { checkPool } from './checkPool.js'

type Hex = `0x${string}`

/** What was found. */
export interface Finding {
  readonly name: string
  readonly state: 'good' | 'warning' | 'bad'
  readonly detail: string
  /** What to do about it. */
  readonly advice?: string
}

type Check = (config: Config) => Promise<readonly Finding[]>

/** A block that is older says that the chain stands still, or this clock goes wrong. */
const oldBlockSeconds = 300
/** A block that is so far ahead says that this clock is behind: tickets and requests are judged by it. */
const aheadSeconds = 5
/** Gas of redemptions that the account should be able to pay for. */
const gasForRedemptions = 20n * 110_000n
const leastFreeBytes = 1_073_741_824
const reachMs = 5_000
/** Of 1280×720 at 30 pictures a second, an hour of output. */
const pixelsPerHour = 1_280n * 720n * 30n * 3_600n
/** Of four seconds, the longest that segments may be. */
const longSegmentsPerHour = 900n
/** Above this price of such an hour a zero too many is likelier than a market. */
const absurdPrice = 10n ** 18n

/** The network, if its description can be read. */
function openNetwork(config: Config): Network | undefined {
  try {
    return readNetwork(config)
  } catch {
    return undefined // said by checkFiles
  }
}

/** A check of something that can fail by itself. */
async function attempt(name: string, advice: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (thrown) {
    return [{ name, state: 'bad', detail: toStreamflowError(thrown, 'ChainUnavailable').message, advice }]
  }
}

async function checkFiles(config: Config): Promise<readonly Finding[]> {
  const missing = await findMissing(config)
  if (missing.length === 0) return [{ name: 'key', state: 'good', detail: `${config.key.file} opens: ${await readAddress(config)}` }]
  return missing.map(({ message }) => ({ name: 'settings', state: 'bad', detail: message, advice: '`config show` tells where each setting comes from; `key new` makes a key' }))
}

async function checkChain(config: Config): Promise<readonly Finding[]> {
  const network = openNetwork(config)
  if (network === undefined) return []
  return attempt('chain', 'check network.rpcUrls, and that this machine reaches them', async () => {
    const rpc = getRpc(network)
    const [chainId, block, round] = await Promise.all([rpc.request('eth_chainId', []), rpc.request('eth_getBlockByNumber', ['latest', false]), getCurrentRound(network)])
    const found = Number(chainId)
    if (found !== network.chainId) return [{ name: 'chain', state: 'bad', detail: `the endpoint is on chain ${found}, the network on ${network.chainId}`, advice: 'set network.rpcUrls to endpoints of that chain' }]
    return [{ name: 'chain', state: 'good', detail: `chain ${found}, round ${round}` }, checkClock(Number((block as { timestamp: Hex }).timestamp))]
  })
}

async function checkDescription(config: Config): Promise<readonly Finding[]> {
  const network = openNetwork(config)
  if (network === undefined) return []
  return attempt('network', 'check network.rpcUrls', async () => {
    const faults = await checkNetwork({ network })
    const advice = 'take the network file from who deployed the contracts, and endpoints of that chain'
    if (faults.length > 0) return faults.map(({ where, message }): Finding => ({ name: 'network', state: 'bad', detail: `${where}: ${message}`, advice }))
    return [{ name: 'network', state: 'good', detail: `${Object.keys(network.contracts).length} contracts of one deployment` }]
  })
}

function checkClock(blockSeconds: number): Finding {
  const ageSeconds = Math.round(Date.now() / 1_000 - blockSeconds)
  if (ageSeconds < -aheadSeconds) return { name: 'clock', state: 'bad', detail: `the latest block is ${-ageSeconds} s in the future: this clock is behind`, advice: 'synchronize the clock (NTP)' }
  if (ageSeconds > oldBlockSeconds) return { name: 'clock', state: 'warning', detail: `the latest block is ${ageSeconds} s old: the endpoint stands still, or this clock is ahead`, advice: 'synchronize the clock (NTP); try another endpoint' }
  return { name: 'clock', state: 'good', detail: `the latest block is ${Math.max(ageSeconds, 0)} s old` }
}

async function checkGas(config: Config): Promise<readonly Finding[]> {
  const network = openNetwork(config)
  if (network === undefined) return []
  return attempt('gas', 'check network.rpcUrls', async () => {
    const rpc = getRpc(network)
    const address = await readAddress(config)
    const [balance, gasPrice] = (await Promise.all([rpc.request('eth_getBalance', [address, 'latest']), rpc.request('eth_gasPrice', [])])).map((value) => BigInt(value as Hex)) as [bigint, bigint]
    const needed = gasPrice * gasForRedemptions
    const detail = `${address} holds ${formatAmount(balance)} ETH; twenty redemptions cost ${formatAmount(needed)} now`
    return [balance >= needed ? { name: 'gas', state: 'good', detail } : { name: 'gas', state: 'bad', detail, advice: `send ether to ${address}: without gas winners expire` }]
  })
}

async function checkRegistration(config: Config): Promise<readonly Finding[]> {
  const network = openNetwork(config)
  if (network === undefined) return []
  return attempt('stake', 'check network.rpcUrls', async () => {
    const [orchestrator, key] = await Promise.all([readAccount(config), readAddress(config)])
    const registration = await readRegistration(network, orchestrator)
    const publicUrl = (config.http.publicUrl ?? `http://localhost:${config.http.port}`).replace(/\/+$/, '')
    const troubles = explainRegistration(registration, publicUrl).map((detail): Finding => ({ name: 'stake', state: registration.isActive || registration.uri === '' ? 'bad' : 'warning', detail }))
    const isSigner = registration.signer === key
    const signer: Finding = isSigner
      ? { name: 'signer', state: 'good', detail: key === orchestrator ? 'the account signs for itself' : `${key} signs for ${orchestrator}` }
      : { name: 'signer', state: 'bad', detail: `${registration.signer} signs for ${orchestrator}, not ${key}: nobody trusts this key’s quotes`, advice: 'run `signer set` with the account’s own key, or use the key file of the signer' }
    return [...(troubles.length > 0 ? troubles : [{ name: 'stake', state: 'good', detail: `${formatAmount(registration.stake)} tokens, active, registered at ${registration.uri}` } as const]), signer]
  })
}

async function checkAddress({ http }: Config): Promise<readonly Finding[]> {
  if (http.publicUrl === undefined) return [{ name: 'address', state: 'bad', detail: 'http.publicUrl is not set: nobody else can be told where to go', advice: 'set it, e.g. --http-public-url https://orchestrator.example.org' }]
  const url = `${http.publicUrl.replace(/\/+$/, '')}/healthz`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(reachMs), redirect: 'error' })
    const { instance } = (await response.json()) as { readonly instance?: unknown }
    if (typeof instance === 'string') return [{ name: 'address', state: 'good', detail: `${http.publicUrl} answers as an orchestrator, as seen from this machine` }]
  } catch {
    // said below
  }
  return [{ name: 'address', state: 'warning', detail: `${http.publicUrl} does not answer as an orchestrator, as seen from this machine`, advice: 'run `start`; check DNS, certificate, proxy and firewall' }]
}

async function checkDisk({ data }: Config): Promise<readonly Finding[]> {
  return attempt('disk', 'make the folder writable, or set data.directory', async () => {
    mkdirSync(data.directory, { recursive: true, mode: 0o700 })
    const { bavail, bsize } = await statfs(data.directory)
    const free = bavail * bsize
    const detail = `${(free / 2 ** 30).toFixed(1)} GiB free in ${data.directory}`
    return [free >= leastFreeBytes ? { name: 'disk', state: 'good', detail } : { name: 'disk', state: 'bad', detail, advice: 'make room: a ledger that cannot be written takes no tickets' }]
  })
}

async function checkSharedLedger({ data: { postgresUrl } }: Config): Promise<readonly Finding[]> {
  return postgresUrl === undefined ? [] : attempt('ledger', 'check data.postgresUrl, and that PostgreSQL runs there', () => checkLedger(postgresUrl))
}

async function checkEncoder({ transcoder }: Config): Promise<readonly Finding[]> {
  return attempt('encoder', 'install ffmpeg with libx264, or set transcoder.ffmpeg; `streamflow-transcoder probe` tells more', async () => {
    const command = { ffmpegPath: transcoder.ffmpeg, confinement: await findConfinement(transcoder.ffmpeg) }
    const choice = { kind: transcoder.accelerator, exclude: transcoder.exclude, devices: transcoder.devices }
    // That it works is asked here, not how fast it is.
    const proven = listProven(await probeAccelerators(command, { choice, pixelsPerSecond: 1 }), transcoder.ffmpeg)
    return [{ name: 'encoder', state: 'good', detail: `${proven.map(({ accelerator }) => accelerator.name).join(', ')} works` }]
  })
}

/** What holds an ffmpeg that somebody's media have taken over. */
async function checkConfinement({ transcoder, pool }: Config): Promise<readonly Finding[]> {
  if (pool.urls.length > 0) return []
  const { active, missing } = describeConfinement(await listConfinement(transcoder.ffmpeg))
  const detail = `ffmpeg is kept from: ${active.join('; ') || 'nothing'}`
  if (missing.length === 0) return [{ name: 'confinement', state: 'good', detail }]
  const advice = 'install util-linux (setpriv, prlimit, unshare), allow user namespaces, or run transcoders on machines of their own (a pool)'
  return [{ name: 'confinement', state: 'warning', detail: `${detail}; not active: ${missing.join('; ')}`, advice }]
}

/** Who transcodes: this machine, or the machines of a pool. */
const checkTranscoders: Check = (config) => (config.pool.urls.length > 0 ? attempt('pool', 'check pool.urls and pool.credentialsFile, and that transcoders have joined', () => checkPool(config)) : checkEncoder(config))

async function checkPrice({ price, tickets }: Config): Promise<readonly Finding[]> {
  if (price.feed !== undefined) return [{ name: 'price', state: 'good', detail: `${price.currencyAmount ?? '?'} for a million pixels in the currency of ${price.feed}` }]
  const hour = (price.perMillionPixels * pixelsPerHour) / 1_000_000n
  const detail = `an hour of 1280×720 at 30 pictures a second costs ${formatAmount(hour)} ETH`
  if (hour === 0n) return [{ name: 'price', state: 'warning', detail, advice: 'set price.perMillionPixels: work is given away' }]
  if (hour > absurdPrice) return [{ name: 'price', state: 'warning', detail, advice: 'price.perMillionPixels is in wei: is there a zero too many?' }]
  return [{ name: 'price', state: 'good', detail }, ...checkFaceValue(tickets, hour / longSegmentsPerHour)]
}

/** Broadcasters leave an offer none of whose tickets can pay for a segment. @param segment - what a long one costs, wei */
function checkFaceValue({ faceValue, maximumFaceValue }: Config['tickets'], segment: bigint): readonly Finding[] {
  const most = faceValue ?? maximumFaceValue
  if (most === undefined || most > segment) return []
  const detail = `a ticket pays ${formatAmount(most)} ETH at most, four seconds of that cost ${formatAmount(segment)}`
  return [{ name: 'tickets', state: 'warning', detail, advice: `raise ${faceValue === undefined ? 'tickets.maximumFaceValue' : 'tickets.faceValue'}, or leave it out: no ticket can pay for such a segment` }]
}

/** All of them. */
export const checks: readonly Check[] = [checkFiles, checkChain, checkDescription, checkGas, checkRegistration, checkAddress, checkDisk, checkSharedLedger, checkTranscoders, checkConfinement, checkPrice]
