/** From the words after the program's name to a command, its arguments and its flags. Pure. */

import { parseArgs } from 'node:util'
import { StreamflowError } from '@streamflow/sdk/errors'
import { entries } from '../config/entries.js'

/** A command line. */
export interface CommandLine {
  /** e.g. `['key', 'new']` */
  readonly words: readonly string[]
  /** Flags without dashes → what followed them (`true` for `--help` and `--version`). */
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly isHelp: boolean
  readonly isVersion: boolean
  /** `--all` was given. */
  readonly isAll: boolean
  /** `--json` was given. */
  readonly isJson: boolean
}

/** Flags that belong to commands, not to settings. */
export const commandFlags = {
  config: 'YAML file of settings [STREAMFLOW_CONFIG, or orchestrator.yml if there is one]',
  amount: 'tokens, for `stake …`, or ether, for `fees withdraw`, e.g. 1000 or 0.5; `stake unbond` takes all',
  to: 'account that gets what `fees withdraw` takes out [the key’s own]',
  'reward-cut': 'part of rewards that is kept, percent, for `commission set`',
  'fee-share': 'part of fees that goes to delegators, percent, for `commission set`',
  lock: 'number of a lock, for `stake rebond` and `stake withdraw` [all that are open]',
  service: 'service to register; again, or with commas, for more; NAME=ADDRESS: only if that contract judges it [registration.services]',
  region: 'region to register; again, or with commas, for more [registration.regions]',
  signer: 'account of a key, for `signer set`',
  'new-key-file': 'key file to be made, for `signer rotate`',
  'old-key-file': 'key file that the ledger was used with, for `ledger reseal`',
  url: 'server to ask, for `status`',
  'private-key-file': 'file with a private key as hex, for `key import`',
} as const

/**
 * Parses arguments.
 * @throws {@link StreamflowError} `InvalidArgument`
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const listFlags = ['service', 'region']
  const names = [...entries.flatMap(({ flag }) => (flag === undefined ? [] : [flag])), ...Object.keys(commandFlags)]
  const options = { ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const, multiple: listFlags.includes(name) }])), help: { type: 'boolean' as const, short: 'h' }, all: { type: 'boolean' as const }, json: { type: 'boolean' as const }, version: { type: 'boolean' as const, short: 'v' } }
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    const { help, version, all, json, ...flags } = values as Record<string, string | readonly string[] | boolean | undefined>
    const texts = Object.entries(flags).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value])
    return { words: positionals, flags: Object.fromEntries(texts) as Record<string, string | undefined>, isHelp: help === true, isVersion: version === true, isAll: all === true, isJson: json === true }
  } catch (cause) {
    throw new StreamflowError('InvalidArgument', cause instanceof Error ? cause.message : 'the arguments cannot be read', { cause })
  }
}
