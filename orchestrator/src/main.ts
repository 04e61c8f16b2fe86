/** Entry of `streamflow-orchestrator`: finds the command, runs it, turns what it throws into words and an exit code. */

import { existsSync, readFileSync } from 'node:fs'
import { findCommand } from '@streamflow/sdk/cli'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { commands, renderCommandHelp, renderHelp } from './cli/commands.js'
import { parseCommandLine } from './cli/parseCommandLine.js'
import { createRedactor } from './config/redaction.js'
import { loadConfig, type LoadedConfig } from './config/loadConfig.js'
import { version } from './version.js'

const usualConfigFile = 'orchestrator.yml'

function readConfig(flags: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const named = flags['config'] ?? process.env['STREAMFLOW_CONFIG']
  const path = named ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined)
  if (path === undefined) return loadConfig({ flags, environment: process.env })
  let yaml: string
  try {
    yaml = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `cannot read the configuration file ${path}`, { cause })
  }
  return loadConfig({ flags, environment: process.env, yaml })
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function run(): Promise<number> {
  const { words, flags, isAll, isJson, isHelp, isVersion } = parseCommandLine(process.argv.slice(2))
  if (isVersion) {
    print(version)
    return 0
  }
  const found = findCommand(commands, words)
  if (isHelp && found !== undefined) {
    print(renderCommandHelp(found.command))
    return 0
  }
  if (isHelp || found === undefined || (found.rest.length > 0 && found.command.takesWords !== true)) {
    const isAsked = isHelp || words.length === 0
    if (!isAsked) process.stderr.write(`there is no command "${words.join(' ')}"\n\n`)
    ;(isAsked ? process.stdout : process.stderr).write(`${renderHelp()}\n`)
    return isAsked ? 0 : 2
  }
  if (isJson && found.command.isText === true) throw new StreamflowError('InvalidArgument', `"${words.join(' ')}" has no --json`)
  return found.command.run({ words: found.rest, flags, isAll, isJson, load: () => readConfig(flags), print })
}

/** Errors of libraries quote the URLs of endpoints, with their keys. */
const redact = createRedactor()
let exitCode = 1
try {
  exitCode = await run()
} catch (thrown) {
  if (isStreamflowError(thrown)) {
    const isUsage = thrown.code === 'InvalidArgument' || thrown.code === 'ConfigInvalid'
    process.stderr.write(redact(`${thrown.code}: ${thrown.message}\n${thrown.help}\n`))
    exitCode = isUsage ? 2 : 1
  } else process.stderr.write(redact(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`))
}
// WebRTC keeps threads of its own; everything worth keeping has been closed by now.
process.exit(process.exitCode === 1 ? 1 : exitCode)
