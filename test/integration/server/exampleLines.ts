/** The examples of `--help`, as command lines to be run. */

import { commands as operatorCommands } from '../../../orchestrator/src/cli/commands.js'
import { commands as streamflowCommands } from '../../../sdk/src/node/cli/commands.js'

type Examples = Readonly<Record<string, { readonly example: string }>>

/** By the name of each command; of several names of one command the first. */
const listExamples = (commands: Examples): ReadonlyMap<string, string> => new Map(Object.entries(commands).filter(([, command], index, all) => all.findIndex(([, other]) => other === command) === index).map(([name, { example }]) => [name, example]))

const operator = listExamples(operatorCommands)
const streamflow = listExamples(streamflowCommands)

/** Those that want somebody who judges: run in integration/challenges, all others in exampleLines.test.ts. */
const isJudged = (name: string): boolean => name === 'attest' || /^(challenge|evidence)\b/.test(name)

/** Examples that are still to be run. */
export class ExampleLines {
  readonly #lines: Map<string, string>

  private constructor(lines: ReadonlyMap<string, string>, isWanted: (name: string) => boolean) {
    this.#lines = new Map([...lines].filter(([name]) => isWanted(name)))
  }

  static ofOperator({ areJudged }: { readonly areJudged: boolean }): ExampleLines {
    return new ExampleLines(operator, (name) => isJudged(name) === areJudged)
  }

  static ofStreamflow({ areJudged }: { readonly areJudged: boolean }): ExampleLines {
    return new ExampleLines(streamflow, (name) => isJudged(name) === areJudged)
  }

  /** Names of those that nobody took yet. */
  get left(): readonly string[] {
    return [...this.#lines.keys()]
  }

  /** The words of a command's example. @param names - what is there, by what stands for it in the example */
  take(name: string, names: Readonly<Record<string, string>> = {}): string[] {
    const line = this.#lines.get(name)
    if (line === undefined) throw new RangeError(`there is no example of ${name} that was not run`)
    this.#lines.delete(name)
    return fillExample(line, names)
  }
}

/** Words of an example. @throws {RangeError} if it does not have what is to be replaced */
export function fillExample(line: string, names: Readonly<Record<string, string>>): string[] {
  for (const name of Object.keys(names)) if (!line.includes(name)) throw new RangeError(`"${line}" does not have ${name}`)
  return line.split(' ').map((word) => Object.entries(names).reduce((filled, [name, real]) => filled.replaceAll(name, real), word))
}
