// Senders that want to see for nothing, against the real till and streams; orchestrators that want to be paid for nothing,
// against the real dispatch and its books: any sequence of moves, found and shortened by fast-check. Fails at the first that
// sees more than it pays for, or is paid more than it signed for. One sequence in ten is an orchestrator's, which takes longer.
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { sequences: { type: 'string', default: '100000' }, seed: { type: 'string' } } })

/** Runs, prints a table, returns the figures. */
export async function run({ sequences = Number(values.sequences), seed = Number(values.seed ?? randomInt(2 ** 31)) } = {}) {
  console.error(`  seed ${seed}`)
  const greedy = Math.ceil(sequences / 10)
  const senders = await runBundle('runAdversary', { sequences: sequences - greedy, seed })
  const orchestrators = await runBundle('runGreed', { sequences: greedy, seed })
  const { freePixelsMaxRatio, voidedWinners } = senders
  const { overpaidMaxSegments, overpaidMaxSegmentsAtFirst } = orchestrators
  console.table([
    { what: 'sequences of moves, senders', value: senders.sequences },
    { what: '(shown − one part) ÷ paid, the worst sender', value: freePixelsMaxRatio },
    { what: 'winners that nobody pays though something stands behind them', value: voidedWinners },
    { what: 'sequences of moves, orchestrators', value: orchestrators.sequences },
    { what: "segments' worth paid for nothing, the worst orchestrator of fewer than 8 receipts", value: overpaidMaxSegmentsAtFirst },
    { what: "segments' worth paid for nothing, the worst orchestrator", value: overpaidMaxSegments },
  ])
  return { name: 'adversary', sequences: senders.sequences + orchestrators.sequences, freePixelsMaxRatio, overpaidMaxSegments, overpaidMaxSegmentsAtFirst, voidedWinners }
}

/** Runs what a file of test/payments/adversary exports under its own name. */
async function runBundle(name, options) {
  const bundle = await bundleForNode(fileURLToPath(new URL(`../payments/adversary/${name}.ts`, import.meta.url)))
  try {
    return await (await import(pathToFileURL(bundle).href))[name](options)
  } finally {
    rmSync(bundle, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
