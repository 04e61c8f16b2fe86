// Tickets per second: checked (beside viem's recoverTypedDataAddress, in the same run), accepted durably in a file and in a PostgreSQL of
// this machine, signed in Node and in a page.
import { build } from 'esbuild'
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureSystemParts } from '../../examples/network/findSystemPart.mjs'
import { startPostgres } from '../../examples/network/startPostgres.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const source = (name) => fileURLToPath(new URL(`../payments/${name}`, import.meta.url))
const signingSeconds = 2
const acceptanceLoad = { streams: 200, ticketsPerStream: 60 }

async function signInPage() {
  const { outputFiles } = await build({ entryPoints: [source('pageSigning.ts')], bundle: true, write: false, format: 'iife', target: 'es2022', conditions: ['@streamflow/source'], logLevel: 'silent', minify: true })
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: outputFiles[0].text })
    return await page.evaluate((seconds) => globalThis.measureSigning(seconds), signingSeconds)
  } finally {
    await browser.close()
  }
}

/** The server waits for its disk before it answers, as one that holds money does. */
async function acceptInPostgres(measureAcceptance) {
  const { postgres } = ensureSystemParts(['postgres'], console.log)
  const server = await startPostgres({ postgres })
  try {
    return await measureAcceptance({ ...acceptanceLoad, postgresUrl: server.url })
  } finally {
    await server.stop()
  }
}

/** Measures, prints a table, returns the figures. */
export async function run() {
  const bundle = await bundleForNode(source('ticketLoad.ts'))
  try {
    const { measureAcceptance, measureChecks, measureSigning } = await import(pathToFileURL(bundle).href)
    const checks = await measureChecks({ tickets: 2_000, slice: 60, viemSlice: 2, turns: 250 })
    const acceptance = await measureAcceptance(acceptanceLoad)
    const shared = await acceptInPostgres(measureAcceptance)
    for (const { refused } of [acceptance, shared]) if (refused > 0) throw new Error(`${refused} tickets were refused`)
    const signedPerSecondNode = measureSigning(signingSeconds)
    const signedPerSecondBrowser = await signInPage()
    console.log('Tickets, one core')
    console.table([
      { what: 'checked, every step but I/O', 'per second': Math.round(checks.verifiedPerSecond), 'over viem': checks.ratioToViem.toFixed(1) },
      { what: 'the same with the library that npm brings', 'per second': Math.round(checks.fallbackPerSecond), 'over viem': checks.fallbackRatioToViem.toFixed(1) },
      { what: 'native recovery of an address', 'per second': Math.round(checks.recoveriesPerSecond), 'over viem': checks.recoveryRatioToViem.toFixed(1) },
      { what: 'viem recoverTypedDataAddress', 'per second': Math.round(checks.viemPerSecond), 'over viem': '1.0' },
      { what: 'accepted durably, from the bytes of the message', 'per second': Math.round(acceptance.acceptedPerSecond) },
      { what: 'the same, the ledger in PostgreSQL', 'per second': Math.round(shared.acceptedPerSecond) },
      { what: 'signed in Node', 'per second': Math.round(signedPerSecondNode) },
      { what: 'signed in a page', 'per second': Math.round(signedPerSecondBrowser) },
    ])
    return {
      name: 'tickets',
      ratioToViem: Number(checks.ratioToViem.toFixed(1)),
      verifiedPerSecond: Math.round(checks.verifiedPerSecond),
      acceptedPerSecond: Math.round(acceptance.acceptedPerSecond),
      acceptedPerSecondPostgres: Math.round(shared.acceptedPerSecond),
      signedPerSecondNode: Math.round(signedPerSecondNode),
      signedPerSecondBrowser: Math.round(signedPerSecondBrowser),
    }
  } finally {
    rmSync(bundle, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
