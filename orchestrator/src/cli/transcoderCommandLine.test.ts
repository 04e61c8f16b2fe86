import { expect, it } from 'vitest'
import { parseMachineUse } from '../transcoding/workerArguments.js'
import { probeHelp } from './probe.js'
import { parseTranscoderCommandLine, transcoderHelp } from './transcoderCommandLine.js'

it.each([[transcoderHelp, undefined], [probeHelp, 'probe']])('explains itself, with an example that is a command line of its own', (help, command) => {
  const [, example = ''] = /^Example: streamflow-transcoder (.+)$/m.exec(help) ?? []
  const { values, positionals } = parseTranscoderCommandLine(example.split(' '))
  expect(positionals).toEqual(command === undefined ? [] : [command])
  expect(Object.keys(parseMachineUse(values))).toContain('choice')
  expect(help).toMatch(/[Ee]xit code/)
  // Flags that the help names are flags that there are.
  const switches = ['json', 'help']
  const named = [...help.matchAll(/(?<![\w-])--([a-z-]+)/g)].map(([, flag = '']) => flag)
  expect(named.length).toBeGreaterThan(4)
  for (const flag of named) expect(() => parseTranscoderCommandLine(switches.includes(flag) ? [`--${flag}`] : [`--${flag}`, 'x'])).not.toThrow()
})
