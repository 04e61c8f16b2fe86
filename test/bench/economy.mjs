// The paper's economy over some rounds on a real chain: who put in what, who took out what, and whether it adds up to the wei.
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '12' } } })
const decimal = (wei) => (Number(wei) / 1e18).toFixed(6)

/** Runs, prints a table, returns the figures. */
export async function run({ rounds = Number(values.rounds) } = {}) {
  const bundle = await bundleForNode(fileURLToPath(new URL('../economy/playEconomy.ts', import.meta.url)))
  try {
    const { playEconomy } = await import(pathToFileURL(bundle).href)
    const { rows, weiLost, tokensLost, dust, isWithdrawn, minted, fees, worstShareError, wrongSplits } = await playEconomy({ rounds, isBusy: true, onRound: (round) => console.error(`  round ${round}`) })
    console.table(rows.map(({ who, tokensPut, tokensBack, etherPut, etherBack }) => ({ who, 'tokens put in': decimal(tokensPut), 'tokens taken out': decimal(tokensBack), 'ETH put in': decimal(etherPut), 'ETH taken out': decimal(etherBack) })))
    console.table([
      { what: 'rounds', value: rounds },
      { what: 'tokens minted', value: decimal(minted) },
      { what: 'fees redeemed (ETH)', value: decimal(fees) },
      { what: 'wei, tokens lost', value: `${weiLost}, ${tokensLost}` },
      { what: 'wei, token wei left by rounding', value: `${dust.wei}, ${dust.tokens}` },
      { what: 'largest difference of a delegator’s share from what stakes say (wei)', value: String(worstShareError) },
      { what: 'tickets split at another share than committed', value: wrongSplits },
    ])
    return { name: 'economy', rounds, weiLost: Number(weiLost), tokensLost: Number(tokensLost), withdrawn: isWithdrawn, wrongSplits, worstShareErrorWei: Number(worstShareError) }
  } finally {
    rmSync(bundle, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
