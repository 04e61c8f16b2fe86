// Senders that want to see for nothing, against the real till and streams; orchestrators that want to be paid for nothing,
// against the real dispatch and its books: any sequence of moves, found and shortened by fast-check. Fails at the first that
// sees more than it pays for, or is paid more than it signed for, and prints its moves. One sequence in ten is an orchestrator's.
//
// It goes in batches, each with a seed that follows from the first one's, so that a long run may be cut into short ones:
// `--seconds 150` stops after the batch within which they end, and says with which `--seed` and `--from` to go on.
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const batchSize = 1_000
/** Worlds of a batch have seeds that follow one another. */
const seedsOfBatch = 1_000

const text = { type: 'string' }
const { values } = parseArgs({ options: { sequences: text, seconds: text, seed: text, from: text } })
const given = {
  ...(values.sequences !== undefined && { sequences: Number(values.sequences) }),
  ...(values.seconds !== undefined && { seconds: Number(values.seconds) }),
  ...(values.seed !== undefined && { seed: Number(values.seed) }),
  ...(values.from !== undefined && { from: Number(values.from) }),
}

/**
 * Runs, prints a table, returns the figures.
 * @param {{ sequences?: number, seconds?: number, seed?: number, from?: number }} options - `sequences`: in all, with those of
 *   batches before `from`; `seconds`: no batch begins after so many
 */
export async function run({ sequences = 100_000, seconds = Infinity, seed = randomInt(2 ** 30), from = 0 } = given) {
  const { play, close } = await loadPlays()
  const batches = Math.ceil(sequences / batchSize)
  const startedMs = Date.now()
  const passedSeconds = () => (Date.now() - startedMs) / 1_000
  const total = { senders: 0, orchestrators: 0, freePixelsMaxRatio: 0, overpaidMaxSegments: 0, voidedWinners: 0 }
  let batch = from
  try {
    console.error(`  --seed ${seed}`)
    for (; batch < batches && passedSeconds() < seconds; batch++) {
      const count = Math.min(batchSize, sequences - batch * batchSize)
      const found = await play({ orchestrators: Math.ceil(count / 10), senders: Math.floor((count * 9) / 10), seed: seed + batch * seedsOfBatch })
      total.senders += found.senders.sequences
      total.orchestrators += found.orchestrators.sequences
      total.freePixelsMaxRatio = Math.max(total.freePixelsMaxRatio, found.senders.freePixelsMaxRatio)
      total.overpaidMaxSegments = Math.max(total.overpaidMaxSegments, found.orchestrators.overpaidMaxSegments)
      total.voidedWinners += found.senders.voidedWinners
      console.error(`  batch ${batch + 1} of ${batches} after ${passedSeconds().toFixed(0)} s: free ${total.freePixelsMaxRatio}, over-paid ${total.overpaidMaxSegments}`)
    }
  } catch (error) {
    console.error(`  batch ${batch + 1} failed; once more: --seed ${seed} --from ${batch} --sequences ${(batch + 1) * batchSize}`)
    throw error
  } finally {
    close()
  }
  if (batch < batches) console.error(`  to go on: --seed ${seed} --from ${batch}`)
  const { freePixelsMaxRatio, overpaidMaxSegments, voidedWinners } = total
  console.table([
    { what: 'sequences of moves, senders', value: total.senders },
    { what: '(shown − one part) ÷ paid, the worst sender', value: freePixelsMaxRatio },
    { what: 'winners that nobody pays though something stands behind them', value: voidedWinners },
    { what: 'sequences of moves, orchestrators', value: total.orchestrators },
    { what: "segments' worth paid for nothing, the worst orchestrator", value: overpaidMaxSegments },
  ])
  return { name: 'adversary', sequences: total.senders + total.orchestrators, freePixelsMaxRatio, overpaidMaxSegments, voidedWinners, seed, batches: [from, batch] }
}

/** Both plays as test/payments/adversary exports them. */
async function loadPlays() {
  const load = async (name) => {
    const bundle = await bundleForNode(fileURLToPath(new URL(`../payments/adversary/${name}.ts`, import.meta.url)))
    return { bundle, run: (await import(pathToFileURL(bundle).href))[name] }
  }
  const [senders, orchestrators] = [await load('runAdversary'), await load('runGreed')]
  return {
    play: async ({ seed, ...counts }) => ({
      senders: await senders.run({ sequences: counts.senders, seed }),
      orchestrators: await orchestrators.run({ sequences: counts.orchestrators, seed }),
    }),
    close: () => [senders, orchestrators].forEach(({ bundle }) => rmSync(bundle, { force: true })),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
