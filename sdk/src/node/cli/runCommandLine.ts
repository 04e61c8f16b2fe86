/** From arguments to an exit code, for every program that has commands. */

import { isStreamflowError, StreamflowError } from '../../errors/StreamflowError.js'
import { findCommand, type Command, type Commands } from './command.js'
import { showProgress, type TellProgress } from './showProgress.js'

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

/** What every command line says. */
interface ParsedLine {
  readonly words: readonly string[]
  readonly isHelp: boolean
  readonly isVersion: boolean
  readonly isJson: boolean
}

/** A program: its commands, and how they are asked for. */
export interface Program<Line extends ParsedLine, Context> {
  readonly commands: Commands<Context>
  /** @throws {@link StreamflowError} `InvalidArgument` */
  readonly parse: (argv: readonly string[]) => Line
  readonly renderHelp: () => string
  readonly renderCommandHelp: (command: Command<Context>) => string
  /** What a command works with; `words` are those after its own name. */
  readonly openContext: (line: Line, means: Pick<ProgramOptions, 'environment' | 'print'> & { readonly progress: TellProgress }) => Context
}

async function run<Line extends ParsedLine, Context>(program: Program<Line, Context>, { argv, environment, version, print, complain, terminal }: ProgramOptions): Promise<number> {
  const line = program.parse(argv)
  const { words, isHelp, isVersion, isJson } = line
  if (isVersion) {
    print(version)
    return 0
  }
  const found = findCommand(program.commands, words)
  if (isHelp && found !== undefined) {
    print(program.renderCommandHelp(found.command))
    return 0
  }
  if (isHelp || words.length === 0) {
    print(program.renderHelp())
    return 0
  }
  if (found === undefined || (found.rest.length > 0 && found.command.takesWords !== true)) {
    complain(`there is no command "${words.join(' ')}"\n\n${program.renderHelp()}`)
    return 2
  }
  const { command, rest } = found
  const isText = command.isText === true
  if (isJson && isText) throw new StreamflowError('InvalidArgument', `"${words.join(' ')}" has no --json`)
  // What runs for good writes its log; who asks for JSON is a program.
  const progress = showProgress(isText || isJson ? undefined : terminal, words.slice(0, words.length - rest.length).join(' '))
  const printApart = (text: string): void => {
    progress.clear()
    print(text)
  }
  try {
    return await command.run(program.openContext({ ...line, words: rest }, { environment, print: printApart, progress: progress.tell }))
  } finally {
    progress.end()
  }
}

/** Runs a command. Never throws. @returns the exit code: 0 done, 1 failed, 2 the command line or a setting is wrong */
export async function runCommandLine<Line extends ParsedLine, Context>(program: Program<Line, Context>, options: ProgramOptions): Promise<number> {
  try {
    return await run(program, options)
  } catch (thrown) {
    const error = isStreamflowError(thrown) ? thrown : new StreamflowError('Internal', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
    options.complain(`${error.code}: ${error.message}\n${error.help}`)
    return error.code === 'InvalidArgument' || error.code === 'ConfigInvalid' ? 2 : 1
  }
}
