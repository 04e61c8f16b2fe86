/** What the redeemer does on chain: simulate, send and follow redemptions, do the chores of a round. */

import { roundsErrors, roundsInitializeRoundFunction, stakingErrors, stakingRewardForFunction, ticketBrokerErrors, ticketBrokerGrantInfoFunction, ticketBrokerRedeemAndPunishFunction, ticketBrokerRedeemBatchFunction, ticketBrokerRedeemFunction, ticketBrokerRedeemWithGrantFunction, ticketBrokerTicketPaidFunction } from '@streamflow/contracts'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { KeySigner } from '@streamflow/sdk/payments'
import { encodeFunctionData, type PublicClient } from 'viem'
import type { ChainState, Chore, Redemption, RedemptionChain, RedemptionForecast, ShownTicket } from '../../core/cashier/chain.js'
import { choreGas } from '../../core/cashier/chores.js'
import { callChain, readRevert, type ChainLocation } from './chainClient.js'
import { sendTransaction, type ContractCall } from './sendTransaction.js'

type Hex = `0x${string}`

interface RedemptionChainOptions {
  readonly client: PublicClient
  readonly location: ChainLocation
  readonly signer: KeySigner
  /** The registered account for which it signs. */
  readonly orchestrator: Hex
  /** Blocks on top of one after which it is taken for final. */
  readonly confirmations: number
  readonly readState: () => Promise<ChainState>
}

/** Gas of a transaction beside its tickets, and per ticket, where it cannot be estimated. */
const baseGas = 150_000n
const ticketGas = 150_000n
const transferGas = 21_000n

/** As the broker's ABI wants it. */
function encodeRedemption({ ticket, signature, recipientRand }: Redemption) {
  return { ticket, signature, recipientRand: BigInt(recipientRand) }
}

function encodeGrant({ grant }: Redemption) {
  const { signature, ...fields } = grant
  return { grant: { ...fields, validUntil: BigInt(fields.validUntil) }, signature }
}

/** Which block is asked; the latest by default. */
interface At {
  readonly blockNumber?: bigint
}

/** One redemption for each grant among these. */
function pickByGrant(redemptions: readonly Redemption[]): Redemption[] {
  return [...new Map(redemptions.map((redemption) => [redemption.ticket.grant, redemption])).values()]
}

/** The grants among these that the broker does not know yet; one redemption stands for each. */
async function findUnknownGrants({ client, location }: RedemptionChainOptions, redemptions: readonly Redemption[], at: At = {}): Promise<Redemption[]> {
  const byGrant = pickByGrant(redemptions)
  const infos = await Promise.all(
    byGrant.map(({ ticket, grant }) => client.readContract({ address: location.contracts.ticketBroker, abi: [ticketBrokerGrantInfoFunction], functionName: 'grantInfo', args: [ticket.sender, ticket.grant, grant.key], ...at })),
  )
  return byGrant.filter((_, index) => infos[index]?.validUntil === 0n)
}

interface Trial extends At {
  readonly minPayout: bigint
  readonly isGrantUnknown: boolean
}

/** Why a redemption alone would fail; undefined if it would not. */
async function explain({ client, location, signer }: RedemptionChainOptions, redemption: Redemption, { isGrantUnknown, minPayout, ...at }: Trial): Promise<string | undefined> {
  const call = { address: location.contracts.ticketBroker, account: signer.address, ...at } as const
  try {
    if (isGrantUnknown) {
      await client.simulateContract({ ...call, abi: [ticketBrokerRedeemWithGrantFunction, ...ticketBrokerErrors], functionName: 'redeemWithGrant', args: [encodeRedemption(redemption), minPayout, encodeGrant(redemption)] })
    } else {
      await client.simulateContract({ ...call, abi: [ticketBrokerRedeemFunction, ...ticketBrokerErrors], functionName: 'redeem', args: [encodeRedemption(redemption), minPayout] })
    }
    return undefined
  } catch (cause) {
    const reason = readRevert(cause)
    if (reason === undefined) throw cause
    return reason
  }
}

/** Whether a redemption would have failed for the same reason at the block that is final. */
async function isLasting(options: RedemptionChainOptions, redemption: Redemption, { minPayout, error }: { readonly minPayout: bigint; readonly error: string }): Promise<boolean> {
  const at = { blockNumber: await readFinalBlock(options) }
  const unknown = await findUnknownGrants(options, [redemption], at)
  return (await explain(options, redemption, { minPayout, isGrantUnknown: unknown.length > 0, ...at })) === error
}

async function forecast(options: RedemptionChainOptions, redemptions: readonly Redemption[], minPayouts: readonly bigint[]): Promise<RedemptionForecast[]> {
  const unknown = await findUnknownGrants(options, redemptions)
  const { result } = await options.client.simulateContract({
    address: options.location.contracts.ticketBroker,
    account: options.signer.address,
    abi: [ticketBrokerRedeemBatchFunction, ...ticketBrokerErrors],
    functionName: 'redeemBatch',
    args: [redemptions.map(encodeRedemption), minPayouts, unknown.map(encodeGrant)],
  })
  return Promise.all(
    redemptions.map(async (redemption, index): Promise<RedemptionForecast> => {
      const { ticketHash, ticket } = redemption
      const paid = result[index] ?? 0n
      if (paid > 0n) return { ticketHash, paid }
      const isGrantUnknown = unknown.some((other) => other.ticket.grant === ticket.grant)
      // Good alone but not in this batch: others took what the sender had.
      const minPayout = minPayouts[index] ?? 0n
      const error = (await explain(options, redemption, { minPayout, isGrantUnknown })) ?? 'TicketBrokerPayoutTooLow'
      return { ticketHash, error, isLasting: await isLasting(options, redemption, { minPayout, error }) }
    }),
  )
}

async function forecastPenalty({ client, location, signer }: RedemptionChainOptions, redemptions: readonly Redemption[]): Promise<{ paid: readonly bigint[]; reward: bigint }> {
  const { result } = await client.simulateContract({
    address: location.contracts.ticketBroker,
    account: signer.address,
    abi: [ticketBrokerRedeemAndPunishFunction, ...ticketBrokerErrors],
    functionName: 'redeemAndPunish',
    args: [redemptions.map(encodeRedemption), pickByGrant(redemptions).map(encodeGrant)],
  })
  const [paid, reward] = result
  return { paid, reward }
}

/** Every grant is shown: it says how much escrow may burn for its tickets. */
function encodePenalty(redemptions: readonly Redemption[]): Hex {
  return encodeFunctionData({ abi: [ticketBrokerRedeemAndPunishFunction], functionName: 'redeemAndPunish', args: [redemptions.map(encodeRedemption), pickByGrant(redemptions).map(encodeGrant)] })
}

/** One ticket goes the cheap way, several go as a batch. */
async function encodeRedemptions(options: RedemptionChainOptions, redemptions: readonly Redemption[], minPayouts: readonly bigint[]): Promise<Hex> {
  const unknown = await findUnknownGrants(options, redemptions)
  const [only] = redemptions
  const [minPayout = 0n] = minPayouts
  if (only === undefined) throw new StreamflowError('InvalidArgument', 'no redemption to send')
  if (redemptions.length > 1) {
    return encodeFunctionData({ abi: [ticketBrokerRedeemBatchFunction], functionName: 'redeemBatch', args: [redemptions.map(encodeRedemption), minPayouts, unknown.map(encodeGrant)] })
  }
  if (unknown.length > 0) return encodeFunctionData({ abi: [ticketBrokerRedeemWithGrantFunction], functionName: 'redeemWithGrant', args: [encodeRedemption(only), minPayout, encodeGrant(only)] })
  return encodeFunctionData({ abi: [ticketBrokerRedeemFunction], functionName: 'redeem', args: [encodeRedemption(only), minPayout] })
}

function encodeChore({ location: { contracts }, orchestrator }: RedemptionChainOptions, chore: Chore): Pick<ContractCall, 'to' | 'data' | 'errors'> {
  if (chore === 'round') return { to: contracts.rounds, data: encodeFunctionData({ abi: [roundsInitializeRoundFunction], functionName: 'initializeRound' }), errors: roundsErrors }
  return { to: contracts.staking, data: encodeFunctionData({ abi: [stakingRewardForFunction], functionName: 'rewardFor', args: [orchestrator] }), errors: [...stakingErrors, ...roundsErrors] }
}

/** The block that is final now; 0 on a young chain. */
async function readFinalBlock({ client, confirmations }: RedemptionChainOptions): Promise<bigint> {
  const latest = await client.getBlockNumber({ cacheTime: 0 })
  return latest > BigInt(confirmations) ? latest - BigInt(confirmations) : 0n
}

/** Redemptions over viem. */
export function createRedemptionChain(options: RedemptionChainOptions): RedemptionChain {
  const { client, location, signer, readState } = options
  const { ticketBroker } = location.contracts
  const readTicketPaid = ({ ticket, signature }: ShownTicket, at: At) =>
    client.readContract({ address: ticketBroker, abi: [ticketBrokerTicketPaidFunction], functionName: 'ticketPaid', args: [ticket, signature], ...at })
  return {
    readState,
    readPaid: (winners) =>
      callChain('reading payments', async () => {
        const blockNumber = await readFinalBlock(options)
        const payments = await Promise.all(winners.map(async (winner) => ({ latest: await readTicketPaid(winner, {}), final: await readTicketPaid(winner, { blockNumber }) })))
        // Asked last: what was read before is at most as new.
        const block = await client.getBlockNumber({ cacheTime: 0 })
        return payments.map((payment) => ({ ...payment, block }))
      }),
    forecast: (redemptions, minPayouts) => callChain('simulating redemptions', () => forecast(options, redemptions, minPayouts)),
    forecastPenalty: (redemptions) => callChain('simulating penalties', () => forecastPenalty(options, redemptions)),
    readNonces: () =>
      callChain('reading the nonce', async () => {
        const blockNumber = await readFinalBlock(options)
        const [latest, final] = await Promise.all([client.getTransactionCount({ address: signer.address }), client.getTransactionCount({ address: signer.address, blockNumber })])
        return { latest, final }
      }),
    readMarket: () =>
      callChain('reading fees', async () => {
        const [{ maxFeePerGas, maxPriorityFeePerGas }, balance] = await Promise.all([client.estimateFeesPerGas(), client.getBalance({ address: signer.address })])
        return { maxFeePerGas, maxPriorityFeePerGas, balance }
      }),
    send: ({ redemptions, minPayouts, isPunishing, ...terms }) =>
      callChain('sending redemptions', async () => {
        const data = isPunishing ? encodePenalty(redemptions) : await encodeRedemptions(options, redemptions, minPayouts)
        return sendTransaction(client, signer, { ...terms, to: ticketBroker, data, fallbackGas: baseGas + ticketGas * BigInt(redemptions.length) })
      }),
    cancel: (terms) => callChain('cancelling', () => sendTransaction(client, signer, { ...terms, to: signer.address, data: '0x', fallbackGas: transferGas })),
    doChore: (chore, terms) => callChain(chore === 'round' ? 'initializing the round' : 'claiming the reward', () => sendTransaction(client, signer, { ...terms, ...encodeChore(options, chore), fallbackGas: choreGas })),
  }
}
