/** What every command of the command line has, and the means that it is given. */

import type { LoadedConfig } from '../config/loadConfig.js'

/** What a command works with. */
interface CommandContext {
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
  /** Whether words may follow its name. */
  readonly takesWords?: boolean
  /** Whether it can answer in JSON. */
  readonly hasJson?: boolean
  /** @returns the exit code @throws {@link StreamflowError} */
  run(context: CommandContext): Promise<number>
}
