/** Entry of `streamflow-orchestrator`: what a process has, for a run of the program. */

import { runProgram } from './cli/runProgram.js'
import { createRedactor } from './config/redaction.js'
import { version } from './version.js'

/** Errors of libraries quote the URLs of endpoints, with their keys. */
const redact = createRedactor()
const exitCode = await runProgram({
  argv: process.argv.slice(2),
  environment: process.env,
  version,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${redact(text)}\n`),
  ...(process.stderr.isTTY && { terminal: (text) => void process.stderr.write(text) }),
})
// WebRTC keeps threads of its own; everything worth keeping has been closed by now.
process.exit(process.exitCode === 1 ? 1 : exitCode)
