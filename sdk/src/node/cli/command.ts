/** What the commands of a program have in common: finding them by their words, and explaining them. */

/** A command. */
export interface Command<Context> {
  /** What follows the program's name, e.g. `stake list`. */
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
  run(context: Context): Promise<number>
}

/** By name; a longer name wins over a shorter one. */
export type Commands<Context> = Readonly<Record<string, Command<Context>>>

const longestName = 2

/** Finds the command that some words begin with, and what follows it. */
export function findCommand<Context>(commands: Commands<Context>, words: readonly string[]): { readonly command: Command<Context>; readonly rest: readonly string[] } | undefined {
  for (let count = longestName; count > 0; count--) {
    const name = words.slice(0, count).join(' ')
    const command = words.length >= count && Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command !== undefined) return { command, rest: words.slice(count) }
  }
  return undefined
}

/** The help of one command. */
export function describeCommand<Context>(program: string, { usage, summary, example, details }: Command<Context>): string {
  return [`${program} ${usage}`, '', `  ${summary}`, ...(details === undefined ? [] : ['', details]), '', `Example: ${program} ${example}`].join('\n')
}

/** All commands, each once. */
export function listCommands<Context>(commands: Commands<Context>): string {
  return [...new Set(Object.values(commands))].map(({ usage, summary }) => `  ${usage}\n        ${summary}`).join('\n')
}
