// 1,000 broadcasters × 200 segments pay one orchestrator process: nothing refused that should pass, value received inside
// the 99 % band, no wei lost, memory flat. Transcoding is passed through; ledger, signatures, draws and redemption are real.
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { broadcasters: { type: 'string', default: '1000' }, segments: { type: 'string', default: '200' } } })
const ether = (wei) => `${(Number(wei) / 1e18).toFixed(6)} ether`

/** Runs, prints a table, returns the figures. */
export async function run({ broadcasters = Number(values.broadcasters), segments = Number(values.segments) } = {}) {
  const bundle = await bundleForNode(fileURLToPath(new URL('../payments/broadcasterLoad.ts', import.meta.url)))
  try {
    const { runLoad } = await import(pathToFileURL(bundle).href)
    const onProgress = (segment, rssMB) => console.error(`  segment ${segment} of ${segments}, ${Math.round(rssMB)} MB`)
    const { value, weiLost, winners, dead, seconds, refusals, rssGrowthMB, rssEndMB, troubles } = await runLoad({ broadcasters, segments, onProgress })
    for (const refusal of refusals.slice(0, 5)) console.error(`  refused: ${refusal}`)
    for (const trouble of troubles.slice(0, 5)) console.error('  trouble:', trouble)
    console.log(`${broadcasters} broadcasters × ${segments} segments in ${seconds.toFixed(0)} s`)
    console.table([
      { what: 'tickets accepted', value: value.tickets },
      { what: 'segments paid, charged and receipted per second', value: Math.round(value.tickets / seconds) },
      { what: 'wrongly refused', value: refusals.length },
      { what: 'expected value', value: ether(value.expected) },
      { what: `won by ${winners} tickets (${dead} dead)`, value: ether(value.won) },
      { what: 'redeemed', value: ether(value.redeemed) },
      { what: '99 % band', value: `${ether(value.band.low)} … ${ether(value.band.high)}` },
      { what: 'wei lost between books, ledger and chain', value: String(weiLost) },
      { what: 'memory at the end (growth since the first fifth)', value: `${rssEndMB.toFixed(0)} MB (${rssGrowthMB.toFixed(1)} MB)` },
    ])
    return { name: 'payments', tickets: value.tickets, wronglyRefused: refusals.length, valueInBand: value.isInBand, weiLost: Number(weiLost), rssGrowthMB: Number(rssGrowthMB.toFixed(1)) }
  } finally {
    rmSync(bundle, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
