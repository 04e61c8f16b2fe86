/** What every command of the command line has, and the means that it is given. */

import type { LoadedConfig } from '../config/loadConfig.js'

/** What a command works with. */
export interface CommandContext {
  /** The words after the command's own name. */
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly isAll: boolean
  /** `--json` was given: what is printed is one line of JSON. */
  readonly isJson: boolean
  /** Reads the configuration. @throws {@link StreamflowError} `ConfigInvalid` */
  load(): LoadedConfig
  /** Writes a line to standard output. */
  print(line: string): void
}

/** A command. */
export interface Command {
  /** What follows the program's name, e.g. `key new`. */
  readonly usage: string
  readonly summary: string
  /** A command line as people type it, after the program's name. */
  readonly example: string
  /** What one has to know beside the summary; shown by the command's own `--help`. */
  readonly details?: string
  /** Whether words may follow its name. */
  readonly takesWords?: boolean
  /** Whether what it prints is no answer but a text or a log, so that there is no `--json`. */
  readonly isText?: boolean
  /** @returns the exit code @throws {@link StreamflowError} */
  run(context: CommandContext): Promise<number>
}
