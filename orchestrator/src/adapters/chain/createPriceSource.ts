/** Prices: a constant in wei, or an amount of a currency through a price feed on chain (Chainlink's AggregatorV3). */

import { StreamflowError } from '@streamflow/sdk/errors'
import { parseUnits } from 'viem'
import type { PriceSource } from '../../core/cashier/policy.js'
import { callChain, createChainClient, type ChainLocation } from './chainClient.js'

type Hex = `0x${string}`

/** A price that never changes; wei per 10^6 output pixels. */
export function createFixedPrice(pricePerMillionPixels: bigint): PriceSource {
  return { readPricePerMillionPixels: () => Promise.resolve(pricePerMillionPixels) }
}

/** Options of {@link createFeedPrice}. */
export interface FeedPriceOptions extends Pick<ChainLocation, 'chainId' | 'rpcUrls'> {
  /** Price of 10^6 output pixels in the feed's currency, as a decimal, e.g. `0.00002`. */
  readonly amount: string
  /** Feed that says what one ether costs in that currency. */
  readonly feed: Hex
  /** Unix seconds. */
  readonly now: () => number
  /** A rate older than this is not used. @default 86400 */
  readonly maxAgeSeconds?: number
}

const feedAbi = [
  { type: 'function', name: 'decimals', inputs: [], outputs: [{ name: '', type: 'uint8' }], stateMutability: 'view' },
  {
    type: 'function',
    name: 'latestRoundData',
    inputs: [],
    outputs: [
      { name: 'roundId', type: 'uint80' },
      { name: 'answer', type: 'int256' },
      { name: 'startedAt', type: 'uint256' },
      { name: 'updatedAt', type: 'uint256' },
      { name: 'answeredInRound', type: 'uint80' },
    ],
    stateMutability: 'view',
  },
] as const

/** Seconds that a rate is used without asking again. */
const refreshSeconds = 60
/** Decimals that an amount may have. */
const amountDecimals = 18

/**
 * Wei for an amount of currency, rounded up.
 * @param amount - in 10^-18 of the currency
 * @param rate - currency for one ether, in 10^-decimals
 */
export function convertToWei(amount: bigint, rate: bigint, decimals: number): bigint {
  return (amount * 10n ** BigInt(decimals) + rate - 1n) / rate
}

/**
 * A price that follows a feed. While the feed does not answer, the last rate is used until it is too old.
 * @throws {@link StreamflowError} `ConfigInvalid` if the amount is not a positive decimal
 */
export function createFeedPrice({ amount, feed, now, maxAgeSeconds = 86_400, ...location }: FeedPriceOptions): PriceSource {
  if (!/^\d+(\.\d{1,18})?$/.test(amount)) throw new StreamflowError('ConfigInvalid', `expected a price as a decimal, got ${amount}`)
  const client = createChainClient({ ...location, contracts: { ticketBroker: feed, rounds: feed, staking: feed } })
  const amountUnits = parseUnits(amount, amountDecimals)
  let last: { readonly price: bigint; readonly updatedAt: number; readonly readAt: number } | undefined
  const read = async () => {
    const [decimals, [, rate, , updatedAt]] = await Promise.all([
      client.readContract({ address: feed, abi: feedAbi, functionName: 'decimals' }),
      client.readContract({ address: feed, abi: feedAbi, functionName: 'latestRoundData' }),
    ])
    if (rate <= 0n) throw new StreamflowError('ChainUnavailable', `the price feed answers ${rate}`)
    return { price: convertToWei(amountUnits, rate, decimals), updatedAt: Number(updatedAt), readAt: now() }
  }
  return {
    async readPricePerMillionPixels() {
      if (last === undefined || now() - last.readAt > refreshSeconds) {
        try {
          last = await callChain('reading the price feed', read)
        } catch (cause) {
          if (last === undefined) throw cause
        }
      }
      if (now() - last.updatedAt > maxAgeSeconds) throw new StreamflowError('ChainUnavailable', `the price feed has not moved since ${last.updatedAt}`)
      return last.price
    },
  }
}
