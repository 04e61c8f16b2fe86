/** `streamflow-orchestrator` from its arguments to its exit code. */

import { existsSync, readFileSync } from 'node:fs'
import { findCommand, showProgress } from '@streamflow/sdk/cli'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { loadConfig, type LoadedConfig } from '../config/loadConfig.js'
import { commands, renderCommandHelp, renderHelp } from './commands.js'
import { parseCommandLine } from './parseCommandLine.js'

type Texts = Readonly<Record<string, string | undefined>>

/** What a run is given, and where its words go. */
export interface ProgramOptions {
  readonly argv: readonly string[]
  readonly environment: Texts
  readonly version: string
  /** Standard output, and standard error; without line ends. */
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
  /** Writes to the terminal of a person who waits; left out where there is none. */
  readonly terminal?: (text: string) => void
}

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

async function run({ argv, environment, version, print, complain, terminal }: ProgramOptions): Promise<number> {
  const { words, flags, isAll, isJson, isHelp, isVersion } = parseCommandLine(argv)
  if (isVersion) {
    print(version)
    return 0
  }
  const found = findCommand(commands, words)
  if (isHelp && found !== undefined) {
    print(renderCommandHelp(found.command))
    return 0
  }
  if (isHelp || words.length === 0) {
    print(renderHelp())
    return 0
  }
  if (found === undefined || (found.rest.length > 0 && found.command.takesWords !== true)) {
    complain(`there is no command "${words.join(' ')}"\n\n${renderHelp()}`)
    return 2
  }
  if (isJson && found.command.isText === true) throw new StreamflowError('InvalidArgument', `"${words.join(' ')}" has no --json`)
  // What runs for good writes its log.
  const progress = showProgress(found.command.isText === true ? undefined : terminal, words.slice(0, words.length - found.rest.length).join(' '))
  const printApart = (line: string): void => {
    progress.clear()
    print(line)
  }
  try {
    return await found.command.run({ words: found.rest, flags, isAll, isJson, load: () => readConfig(flags, environment), print: printApart, progress: progress.tell })
  } finally {
    progress.end()
  }
}

/** Runs a command. Never throws. @returns the exit code */
export async function runProgram(options: ProgramOptions): Promise<number> {
  try {
    return await run(options)
  } catch (thrown) {
    if (!isStreamflowError(thrown)) {
      options.complain(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
      return 1
    }
    options.complain(`${thrown.code}: ${thrown.message}\n${thrown.help}`)
    return thrown.code === 'InvalidArgument' || thrown.code === 'ConfigInvalid' ? 2 : 1
  }
}
