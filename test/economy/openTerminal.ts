// A program's commands, run in this process as its people type them.

/** `runProgram` of either program. */
export type Program = (options: {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly version: string
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
}) => Promise<number>

/** Somebody's terminal. @returns what the command answers, as JSON @throws {Error} what it complained */
export type Terminal = (...words: string[]) => Promise<Readonly<Record<string, unknown>>>

/** @param environment - variables, in which settings and keys stand */
export function openTerminal(program: Program, environment: Readonly<Record<string, string>>): Terminal {
  return async (...words) => {
    const [output, complaints]: [string[], string[]] = [[], []]
    const code = await program({ argv: [...words, '--json'], environment, version: '0', print: (text) => void output.push(text), complain: (text) => void complaints.push(text) })
    if (code !== 0) throw new Error(`${words.join(' ')}: exit code ${code}, ${complaints.join('\n')}`)
    return JSON.parse(output.join('\n')) as Readonly<Record<string, unknown>>
  }
}
