/** `config …`: show, check and explain the configuration. */

import { describeConfig, renderExample } from '../config/describeConfig.js'
import type { Config } from '../config/settings.js'
import type { Command } from './command.js'
import { readNetwork, readPrivateKey } from './operator.js'

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

/** What `start` reads before anything else, and cannot. */
async function findMissing(config: Config): Promise<readonly Error[]> {
  const needs = [async () => readNetwork(config), () => readPrivateKey(config)]
  const results = await Promise.allSettled(needs.map((read) => read()))
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
}

/** `config check` */
export const configCheckCommand: Command = {
  usage: 'config check',
  summary: 'read the configuration and what it names, and say whether `start` would find what it needs',
  async run({ load, print }) {
    const { config, warnings } = load()
    for (const warning of warnings) print(`warning: ${warning}`)
    const missing = await findMissing(config)
    for (const { message } of missing) print(`missing: ${message}`)
    print(missing.length === 0 ? 'the configuration is good' : 'the configuration can be read, but `start` would fail')
    return missing.length === 0 ? 0 : 2
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
