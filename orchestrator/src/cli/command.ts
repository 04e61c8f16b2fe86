/** What every command of the command line has, and the means that it is given. */

import type { Command as SharedCommand, TellProgress } from '@streamflow/sdk/cli'
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
  /** Says how far it is, to a person who waits. */
  readonly progress: TellProgress
  /** Writes a line to standard output. */
  print(line: string): void
}

/** A command of the operator. */
export type Command = SharedCommand<CommandContext>
