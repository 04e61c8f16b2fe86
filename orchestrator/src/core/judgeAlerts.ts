/** What an operator must be told of before it costs money: each alert by its name, from figures that somebody else reads. Pure. */

type Hex = `0x${string}`

/** All there are, a closed set: metrics are labelled by them. */
export const alertNames = ['winnersStuck', 'balanceLow', 'senderUnlocking', 'diskLow', 'chainSilent', 'noStreams'] as const
/** One of {@link alertNames}. */
export type AlertName = (typeof alertNames)[number]

/** An alert that stands, in words. */
export interface Alert {
  readonly name: AlertName
  readonly message: string
}

/** When to tell. Seconds, wei, bytes. */
export interface AlertPolicy {
  /** A winner that is due and not paid for so long is stuck. */
  readonly winnerSeconds: number
  /** Ether of the account that pays for gas. */
  readonly minimumBalance: bigint
  /** What a sender has put up, from which its unlocking matters. */
  readonly largeSender: bigint
  readonly minimumDiskBytes: number
  /** A chain without a new block for so long is silent. */
  readonly chainSilentSeconds: number
  /** Without a stream for so long; 0 is never told. */
  readonly noStreamsSeconds: number
}

/** What is known; what could not be read is undefined, and nothing is told of it but by `chain`. Times in unix seconds. */
export interface AlertFacts {
  readonly now: number
  /** Winners that are not paid. */
  readonly winners: readonly { readonly redeemableFrom: number; readonly faceValue: bigint; readonly reason: string }[]
  /** wei */
  readonly balance: bigint | undefined
  /** Senders that pay here. */
  readonly senders: readonly { readonly sender: Hex; readonly putUp: bigint; readonly withdrawRound: bigint }[]
  readonly freeDiskBytes: number | undefined
  /** Of the latest block; undefined where no endpoint answers. */
  readonly blockTime: number | undefined
  /** Since when no endpoint answers, or since when this process looks. */
  readonly chainSeenAt: number
  readonly streams: number
  /** The last moment with a stream, or since when this process looks. */
  readonly streamSeenAt: number
}

const ether = 10n ** 18n
const formatEther = (wei: bigint): string => `${wei / ether}.${((wei % ether) / 10n ** 12n).toString().padStart(6, '0')} ETH`

function judgeWinners({ winners, now }: AlertFacts, { winnerSeconds }: AlertPolicy): string | undefined {
  const stuck = winners.filter(({ redeemableFrom }) => now - redeemableFrom > winnerSeconds)
  if (stuck.length === 0) return undefined
  const reasons = [...new Set(stuck.map(({ reason }) => reason).filter((reason) => reason !== ''))].slice(0, 3)
  return `${stuck.length} winners of ${formatEther(stuck.reduce((sum, { faceValue }) => sum + faceValue, 0n))} wait for their payment${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`
}

function judgeSenders({ senders }: AlertFacts, { largeSender }: AlertPolicy): string | undefined {
  const leaving = senders.filter(({ putUp, withdrawRound }) => withdrawRound > 0n && putUp >= largeSender)
  return leaving.length === 0 ? undefined : `funds are being unlocked: ${leaving.map(({ sender, putUp, withdrawRound }) => `${sender} (${formatEther(putUp)}, gone from round ${withdrawRound})`).join(', ')}`
}

function judgeChain({ now, blockTime, chainSeenAt }: AlertFacts, { chainSilentSeconds }: AlertPolicy): string | undefined {
  const seconds = Math.floor(now - (blockTime ?? chainSeenAt))
  if (seconds <= chainSilentSeconds) return undefined
  return blockTime === undefined ? `no endpoint of the chain has answered for ${seconds} s` : `the latest block is ${seconds} s old`
}

/** The alerts that stand, in the order of {@link alertNames}. */
export function judgeAlerts(facts: AlertFacts, policy: AlertPolicy): readonly Alert[] {
  const { balance, freeDiskBytes, now, streams, streamSeenAt } = facts
  const idleSeconds = Math.floor(now - streamSeenAt)
  const messages: Readonly<Record<AlertName, string | undefined>> = {
    winnersStuck: judgeWinners(facts, policy),
    balanceLow: balance === undefined || balance >= policy.minimumBalance ? undefined : `${formatEther(balance)} are left for gas`,
    senderUnlocking: judgeSenders(facts, policy),
    diskLow: freeDiskBytes === undefined || freeDiskBytes >= policy.minimumDiskBytes ? undefined : `${Math.floor(freeDiskBytes / 1_048_576)} MiB are free where the ledger lies`,
    chainSilent: judgeChain(facts, policy),
    noStreams: policy.noStreamsSeconds === 0 || streams > 0 || idleSeconds <= policy.noStreamsSeconds ? undefined : `nobody has been on air for ${idleSeconds} s`,
  }
  return alertNames.flatMap((name) => {
    const message = messages[name]
    return message === undefined ? [] : [{ name, message }]
  })
}
