import { expect, it } from 'vitest'
import { parseCommandLine } from './parseCommandLine.js'
import { runCommandLine } from './runCommandLine.js'
import type { TellProgress } from './showProgress.js'

it.each([[['wait'], ['\r\x1b[Khalf of it  0 s', '\r\x1b[K']], [['wait', '--json'], []], [['serve'], []]])('shows %j to whoever waits how far it is, and neither to programs nor beside a log', async (argv, shown) => {
  const written: string[] = []
  const command = { usage: 'wait', summary: 'takes its time', example: 'wait', run: async ({ progress }: { readonly progress: TellProgress }) => (progress('half of it', 'now'), 0) }
  const program = { commands: { wait: command, serve: { ...command, isText: true } }, parse: parseCommandLine, renderHelp: () => '', renderCommandHelp: () => '', openContext: (_line: unknown, { progress }: { readonly progress: TellProgress }) => ({ progress }) }
  const code = await runCommandLine(program, { argv, environment: {}, version: '1', print: () => undefined, complain: () => undefined, terminal: (text) => void written.push(text) })
  expect([code, written]).toEqual([0, shown])
})
