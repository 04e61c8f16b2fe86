/** Entry of `streamflow`. */

import { readFileSync } from 'node:fs'
import { runProgram } from './runProgram.js'

// Three folders up, from the sources and from what is built of them alike: sdk/{src,dist}/node/cli.
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }

const exitCode = await runProgram({
  argv: process.argv.slice(2),
  environment: process.env,
  version,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY && { terminal: (text) => void process.stderr.write(text) }),
})
// WebRTC keeps threads of its own; everything worth keeping has been closed by now.
process.exit(exitCode)
