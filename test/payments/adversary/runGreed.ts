// Plays orchestrators that want to be paid for nothing against the real dispatch, one after another in a time of its own.
import fc from 'fast-check'
import { anyClaim, anyGreedyMove, GreedyOrchestrator } from './GreedyOrchestrator.js'
import { Page, pageSender } from './Page.js'
import { VirtualTime } from './VirtualTime.js'

const maxMoves = 24
/** Longer than any receipt is waited for. */
const lastWaitMs = 20_000

/** What was found, in segments' worth. */
export interface GreedFigures {
  readonly sequences: number
  /** What tickets were worth beyond the fees of receipts, less segments in work and those whose receipt is not due yet; the worst. */
  readonly overpaidMaxSegments: number
  /** Segments that came to a receipt. */
  readonly settled: number
}

/** What one may hold beyond what it signed for, however much that is: segments' worth. */
const mostHeld = 2
const rounding = 1e-3

/**
 * @param options.sequences - in all
 * @throws what fast-check found, with the shortest sequence that shows it
 */
export async function runGreed({ sequences, seed }: { readonly sequences: number; readonly seed: number }): Promise<GreedFigures> {
  const figures = { sequences: 0, overpaidMaxSegments: 0, settled: 0 }
  const time = new VirtualTime()
  time.begin()
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(anyGreedyMove, { minLength: 3, maxLength: maxMoves }), anyClaim, async (moves, claim) => {
        const orchestrator = new GreedyOrchestrator(pageSender, claim)
        const page = new Page(time, orchestrator)
        const look = (): void => {
          const overpaid = Number((page.overpaid * 10_000n) / orchestrator.estimate) / 10_000
          figures.overpaidMaxSegments = Math.max(figures.overpaidMaxSegments, overpaid)
          if (overpaid > mostHeld + rounding) throw new Error(`it is paid ${overpaid} segments' worth for nothing, after ${page.settled} receipts`)
        }
        try {
          // A claim that no earlier stream can have left is no beginning.
          if (!(await page.start())) return void figures.sequences++
          for (const move of moves) {
            if (move.type !== 'pass') orchestrator.play(move, page.nowMs)
            await page.pass(move.type === 'pass' ? move.ms : move.type === 'serve' ? 1_000 * move.seconds : 50)
            look()
          }
          orchestrator.play({ type: 'quote', faceValue: 10n ** 15n, percent: 100 }, page.nowMs)
          await page.pass(lastWaitMs)
          look()
          figures.sequences++
          figures.settled += page.settled
        } finally {
          await page.stop()
        }
      }),
      { numRuns: sequences, seed, endOnFailure: false },
    )
    return figures
  } finally {
    time.end()
  }
}
