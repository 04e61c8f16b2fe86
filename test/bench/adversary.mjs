// Senders that want to see for nothing, in a model whose till, streams and books are the real ones: any sequence of moves,
// found and shortened by fast-check. Fails at the first sequence that sees more than it pays for.
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { sequences: { type: 'string', default: '100000' }, seed: { type: 'string' } } })

/** Runs, prints a table, returns the figures. */
export async function run({ sequences = Number(values.sequences), seed = Number(values.seed ?? randomInt(2 ** 31)) } = {}) {
  console.error(`  seed ${seed}`)
  const bundle = await bundleForNode(fileURLToPath(new URL('../payments/adversary/runAdversary.ts', import.meta.url)))
  try {
    const { runAdversary } = await import(pathToFileURL(bundle).href)
    const figures = await runAdversary({ sequences, seed })
    console.table([
      { what: 'sequences of moves', value: figures.sequences },
      { what: '(shown − one part) ÷ paid, the worst sender', value: figures.freePixelsMaxRatio },
      { what: 'winners that nobody pays though something stands behind them', value: figures.voidedWinners },
    ])
    return { name: 'adversary', ...figures }
  } finally {
    rmSync(bundle, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
