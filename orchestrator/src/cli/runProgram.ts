/** `streamflow-orchestrator` from its arguments to its exit code. */

import { existsSync, readFileSync } from 'node:fs'
import { runCommandLine, type ProgramOptions } from '@streamflow/sdk/cli'
import { StreamflowError } from '@streamflow/sdk/errors'
import { loadConfig, type LoadedConfig } from '../config/loadConfig.js'
import { commands, renderCommandHelp, renderHelp } from './commands.js'
import { parseCommandLine } from './parseCommandLine.js'

type Texts = Readonly<Record<string, string | undefined>>

const usualConfigFile = 'orchestrator.yml'

function readConfig(flags: Texts, environment: Texts): LoadedConfig {
  const named = flags['config'] ?? environment['STREAMFLOW_CONFIG']
  const path = named ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined)
  if (path === undefined) return loadConfig({ flags, environment })
  let yaml: string
  try {
    yaml = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `cannot read the configuration file ${path}`, { cause })
  }
  return loadConfig({ flags, environment, yaml })
}

/** Runs a command. Never throws. @returns the exit code */
export function runProgram(options: ProgramOptions): Promise<number> {
  return runCommandLine({ commands, parse: parseCommandLine, renderHelp, renderCommandHelp, openContext: (line, { environment, ...means }) => ({ ...line, ...means, load: () => readConfig(line.flags, environment) }) }, options)
}
