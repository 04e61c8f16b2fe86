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
  /** Ether of the account that pays for gas. */
  readonly minimumBalance: bigint
  readonly minimumDiskBytes: number
  /** A chain without a new block for so long is silent. */
  readonly chainSilentSeconds: number
  /** Without a stream for so long; 0 is never told. */
  readonly noStreamsSeconds: number
}

/** A sender that is about to take out what it has put up; wei. */
export interface LeavingSender {
  readonly sender: Hex
  readonly putUp: bigint
  /** The first round in which it may. */
  readonly withdrawRound: bigint
}

/** What is known; of what could not be read, which is undefined, nothing is judged. Times in unix seconds. */
export interface AlertFacts {
  readonly now: number
  /** All winners that are due for too long. */
  readonly overdue: { readonly count: number; readonly unpaid: bigint; readonly reasons: readonly string[] } | undefined
  /** wei */
  readonly balance: bigint | undefined
  /** All that unlock and have put up much; those with the most are named. */
  readonly leaving: readonly LeavingSender[] | undefined
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

/** Senders that are named; of more there is the sum. */
const named = 5

function judgeWinners({ count, unpaid, reasons }: NonNullable<AlertFacts['overdue']>): string | undefined {
  return count === 0 ? undefined : `${count} winners wait for ${formatEther(unpaid)}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`
}

function judgeSenders(leaving: readonly LeavingSender[]): string | undefined {
  if (leaving.length === 0) return undefined
  const largest = [...leaving].sort((a, b) => (a.putUp === b.putUp ? 0 : a.putUp > b.putUp ? -1 : 1))
  const rest = largest.slice(named)
  const sum = rest.reduce((all, { putUp }) => all + putUp, 0n)
  const names = largest.slice(0, named).map(({ sender, putUp, withdrawRound }) => `${sender} (${formatEther(putUp)}, gone from round ${withdrawRound})`)
  return `funds are being unlocked: ${[...names, ...(rest.length === 0 ? [] : [`${rest.length} more (${formatEther(sum)})`])].join(', ')}`
}

function judgeChain({ now, blockTime, chainSeenAt }: AlertFacts, { chainSilentSeconds }: AlertPolicy): string | undefined {
  const seconds = Math.floor(now - (blockTime ?? chainSeenAt))
  if (seconds <= chainSilentSeconds) return undefined
  return blockTime === undefined ? `no endpoint of the chain has answered for ${seconds} s` : `the latest block is ${seconds} s old`
}

/** The alerts that stand, and those of which nobody knows, in the order of {@link alertNames}. */
export interface Judgement {
  readonly standing: readonly Alert[]
  readonly unknown: readonly AlertName[]
}

/** What is wrong in words, or nothing. What could not be read says neither that something is wrong nor that all is well. */
export function judgeAlerts(facts: AlertFacts, policy: AlertPolicy): Judgement {
  const { overdue, balance, leaving, freeDiskBytes, now, streams, streamSeenAt } = facts
  const idleSeconds = Math.floor(now - streamSeenAt)
  const messages: Readonly<Record<AlertName, string | undefined>> = {
    winnersStuck: overdue && judgeWinners(overdue),
    balanceLow: balance === undefined || balance >= policy.minimumBalance ? undefined : `${formatEther(balance)} are left for gas`,
    senderUnlocking: leaving && judgeSenders(leaving),
    diskLow: freeDiskBytes === undefined || freeDiskBytes >= policy.minimumDiskBytes ? undefined : `${Math.floor(freeDiskBytes / 1_048_576)} MiB are free where the ledger lies`,
    chainSilent: judgeChain(facts, policy),
    noStreams: policy.noStreamsSeconds === 0 || streams > 0 || idleSeconds <= policy.noStreamsSeconds ? undefined : `nobody has been on air for ${idleSeconds} s`,
  }
  const isUnknown: Partial<Record<AlertName, boolean>> = { winnersStuck: overdue === undefined, balanceLow: balance === undefined, senderUnlocking: leaving === undefined, diskLow: freeDiskBytes === undefined }
  const standing = alertNames.flatMap((name) => {
    const message = messages[name]
    return message === undefined ? [] : [{ name, message }]
  })
  return { standing, unknown: alertNames.filter((name) => isUnknown[name] === true) }
}
