/** `doctor`: looks at everything that an orchestrator needs to be found, trusted and paid; each line says what to do. */

import type { Command } from './command.js'
import { checks, type Finding } from './doctor/checks.js'
import { report } from '@streamflow/sdk/cli'

const marks = { good: '✓', warning: '!', bad: '✗' } as const

const describe = ({ name, state, detail, advice }: Finding): string => `${marks[state]} ${name.padEnd(12)} ${detail}${advice === undefined ? '' : `\n  → ${advice}`}`

/** `doctor` */
export const doctorCommand: Command = {
  usage: 'doctor [--json]',
  summary: 'look at chain, clock, key, gas, stake, registration, address, disk, encoder and price; exit code 1 if one is bad',
  example: 'doctor --http-public-url https://orchestrator.example.org',
  details: 'The address is looked at from this machine: that it answers here proves less than that it does not.',
  async run({ load, print, isJson, progress }) {
    const { config, warnings } = load()
    const findings: Finding[] = warnings.map((detail) => ({ name: 'settings', state: 'warning', detail }))
    // One after the other: what cannot be told without the chain is left out where the chain is silent.
    for (const [index, check] of checks.entries()) {
      progress(`doctor: look ${index + 1} of ${checks.length}`)
      findings.push(...(await check(config)))
    }
    const isGood = findings.every(({ state }) => state !== 'bad')
    report({ isGood, findings }, { isJson, print, sentence: findings.map(describe).join('\n') })
    return isGood ? 0 : 1
  },
}
