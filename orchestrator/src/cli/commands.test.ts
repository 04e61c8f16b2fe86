import { describe, expect, it } from 'vitest'
import { findCommand } from '@streamflow/sdk/cli'
import { commands, renderCommandHelp, renderHelp } from './commands.js'
import { parseCommandLine } from './parseCommandLine.js'

describe.each(Object.entries(commands))('%s', (name, command) => {
  it('is explained by itself, with an example that is a command line of its own', () => {
    const help = renderCommandHelp(command)
    for (const text of [command.usage, command.summary, command.example, 'Exit codes']) expect(help).toContain(text)
    const { words } = parseCommandLine(command.example.split(' '))
    const found = findCommand(commands, words)
    expect(found?.command).toBe(command)
    if (found !== undefined && found.rest.length > 0) expect(command.takesWords).toBe(true)
    // Flags that the usage names are flags that there are.
    for (const [, flag] of command.usage.matchAll(/--([a-z-]+)/g)) expect(() => parseCommandLine(flag === 'json' ? ['--json'] : [`--${flag}`, 'x'])).not.toThrow()
  })

  it('answers in JSON, or says that it does not', () => {
    expect(command.usage.includes('--json')).toBe(command.isText !== true)
    expect(findCommand(commands, name.split(' '))).toMatchObject({ command, rest: [] })
  })
})

it('the help names each command once', () => {
  const help = renderHelp()
  for (const { usage } of Object.values(commands)) expect(help.split(`  ${usage}\n`).length).toBe(2)
})
