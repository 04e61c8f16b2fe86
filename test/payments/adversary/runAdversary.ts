// Plays senders that want to see for nothing against the real till and the real streams, in several worlds at once.
import fc from 'fast-check'
import { anyMove, Cheat } from './Cheat.js'
import { World } from './World.js'

/** How much a sequence may see beyond what it paid for, beside one part. */
const freeShare = { numerator: 102n, denominator: 100n } as const
/** Sequences that run side by side: while one waits for the ledger, others go on. */
const worldCount = 16
const maxMoves = 24

/** What was found. */
export interface AdversaryFigures {
  readonly sequences: number
  /** (shown − one part) ÷ paid over a sender's whole life, the worst of all senders that paid anything. */
  readonly freePixelsMaxRatio: number
  /** Winning tickets that nobody pays though reserve or escrow stands behind them. */
  readonly voidedWinners: number
}

/**
 * @param options.sequences - in all
 * @throws what fast-check found, with the shortest sequence that shows it
 */
export async function runAdversary({ sequences, seed }: { readonly sequences: number; readonly seed: number }): Promise<AdversaryFigures> {
  const figures = { sequences: 0, freePixelsMaxRatio: 0, voidedWinners: 0 }
  const runWorld = async (index: number): Promise<void> => {
    const world = await World.create()
    try {
      await fc.assert(fc.asyncProperty(fc.array(anyMove, { minLength: 3, maxLength: maxMoves }), async (moves) => {
        const cheat = new Cheat(world)
        for (const move of [{ type: 'stream', frameRate: 30, segmentMs: 1_000, again: false } as const, ...moves]) await cheat.play(move)
        await cheat.leave()
        figures.sequences++
        const { shown, largestPart } = cheat.sight
        const free = shown - largestPart
        if (cheat.paid > 0n) figures.freePixelsMaxRatio = Math.max(figures.freePixelsMaxRatio, Number((free * 10_000n) / cheat.paid) / 10_000)
        if (free * freeShare.denominator > cheat.paid * freeShare.numerator) throw new Error(`shown ${shown} wei, paid ${cheat.paid}`)
      }), { numRuns: Math.ceil(sequences / worldCount), seed: seed + index, endOnFailure: false })
      figures.voidedWinners += await countVoided(world)
    } finally {
      await world.close()
    }
  }
  await Promise.all(Array.from({ length: worldCount }, (_, index) => runWorld(index)))
  return figures
}

/** Winners that died while something stood behind them. */
async function countVoided({ till }: World): Promise<number> {
  await till.cashier.redeem()
  const dead = till.ledger.getWinners(['dead'])
  return dead.filter(({ ticket }) => {
    const funds = till.chain.senders.get(ticket.sender)
    return funds !== undefined && (funds.reserve > 0n || funds.escrow > 0n)
  }).length
}
