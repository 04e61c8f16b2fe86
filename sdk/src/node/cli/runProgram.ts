/** `streamflow` from its arguments to its exit code. */

import { isStreamflowError, StreamflowError } from '../../errors/StreamflowError.js'
import { findCommand } from './command.js'
import { commands, renderCommandHelp, renderHelp } from './commands.js'
import { openContext } from './openContext.js'
import { parseCommandLine } from './parseCommandLine.js'
import { showProgress } from './showProgress.js'

/** What a run is given, and where its words go. */
export interface ProgramOptions {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Standard output, and standard error; without line ends. */
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
  /** Writes to the terminal of a person who waits; left out where there is none. */
  readonly terminal?: (text: string) => void
}

async function run({ argv, environment, version, print, complain, terminal }: ProgramOptions): Promise<number> {
  const { words, flags, isHelp, isVersion, isJson } = parseCommandLine(argv)
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
  const progress = showProgress(terminal, words.slice(0, words.length - found.rest.length).join(' '))
  const printApart = (text: string): void => {
    progress.clear()
    print(text)
  }
  try {
    return await found.command.run(openContext({ words: found.rest, flags, isJson, environment, print: printApart, progress: progress.tell }))
  } finally {
    progress.end()
  }
}

/** Runs a command. Never throws. @returns the exit code */
export async function runProgram(options: ProgramOptions): Promise<number> {
  try {
    return await run(options)
  } catch (thrown) {
    const error = isStreamflowError(thrown) ? thrown : new StreamflowError('Internal', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
    options.complain(`${error.code}: ${error.message}\n${error.help}`)
    return error.code === 'InvalidArgument' || error.code === 'ConfigInvalid' ? 2 : 1
  }
}
