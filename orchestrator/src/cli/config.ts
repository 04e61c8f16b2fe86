/** `config …`: show, check and explain the configuration. */

import { describeConfig, renderExample } from '../config/describeConfig.js'
import type { Command } from './command.js'

/** `config show` */
export const configShowCommand: Command = {
  usage: 'config show',
  summary: 'print every setting and where it comes from; secrets are covered',
  async run({ load, print }) {
    const loaded = load()
    print(describeConfig(loaded))
    for (const warning of loaded.warnings) print(`# warning: ${warning}`)
    return 0
  },
}

/** `config check` */
export const configCheckCommand: Command = {
  usage: 'config check',
  summary: 'read the configuration and say whether it is good',
  async run({ load, print }) {
    const { warnings } = load()
    for (const warning of warnings) print(`warning: ${warning}`)
    print('the configuration is good')
    return 0
  },
}

/** `config example` */
export const configExampleCommand: Command = {
  usage: 'config example',
  summary: 'print orchestrator.example.yml',
  async run({ print }) {
    print(renderExample().trimEnd())
    return 0
  },
}
