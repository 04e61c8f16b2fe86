/** `config …`: show, check and explain the configuration. */

import { openSession } from '../adapters/ledger/postgres/openSession.js'
import { describeConfig, renderExample } from '../config/describeConfig.js'
import type { Config } from '../config/settings.js'
import type { Command } from './command.js'
import { readNetwork, readPrivateKey } from './operator.js'
import { report } from '@streamflow/sdk/cli'

/** `config show` */
export const configShowCommand: Command = {
  usage: 'config show [--json]',
  summary: 'print every setting and where it comes from; secrets are covered',
  example: 'config show --http-port 9000',
  async run({ load, print, isJson }) {
    const loaded = load()
    const lines = describeConfig(loaded)
    const { warnings } = loaded
    const sentence = [...lines.map(({ path, shown, source }) => `${path} = ${shown}  # ${source}`), ...warnings.map((warning) => `# warning: ${warning}`)].join('\n')
    report({ settings: Object.fromEntries(lines.map(({ path, shown, source }) => [path, { value: shown, source }])), warnings }, { isJson, print, sentence })
    return 0
  },
}

/** What `start` reads before anything else, and cannot. */
export async function findMissing(config: Config): Promise<readonly Error[]> {
  const { postgresUrl } = config.data
  const needs: (() => Promise<unknown>)[] = [async () => readNetwork(config), () => readPrivateKey(config)]
  if (postgresUrl !== undefined) needs.push(async () => (await openSession(postgresUrl)).end())
  const results = await Promise.allSettled(needs.map((read) => read()))
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
}

/** `config check` */
export const configCheckCommand: Command = {
  usage: 'config check [--json]',
  summary: 'read the configuration and what it names, and say whether `start` would find what it needs',
  example: 'config check',
  async run({ load, print, isJson }) {
    const { config, warnings } = load()
    const missing = (await findMissing(config)).map(({ message }) => message)
    const verdict = missing.length === 0 ? 'the configuration is good' : 'the configuration can be read, but `start` would fail'
    const sentence = [...warnings.map((warning) => `warning: ${warning}`), ...missing.map((message) => `missing: ${message}`), verdict].join('\n')
    report({ isGood: missing.length === 0, missing, warnings }, { isJson, print, sentence })
    return missing.length === 0 ? 0 : 2
  },
}

/** `config example` */
export const configExampleCommand: Command = {
  usage: 'config example',
  summary: 'print orchestrator.example.yml',
  example: 'config example',
  isText: true,
  async run({ print }) {
    print(renderExample().trimEnd())
    return 0
  },
}
