/** From the words after the program's name to a command, its arguments and its flags. Pure. */

import { parseArgs } from 'node:util'
import { StreamflowError } from '../../errors/StreamflowError.js'

/** Flags with a value, and what they say. */
export const valueFlags = {
  network: 'network description (JSON): a file, an address, or `local`, the network of `npm start` [STREAMFLOW_NETWORK, or network.json]',
  'key-file': 'keystore file of whoever pays [STREAMFLOW_KEY_FILE; without one, STREAMFLOW_PRIVATE_KEY]',
  'password-file': 'file whose first line is the password of the key file [STREAMFLOW_KEY_PASSWORD]',
  directory: 'folder of session keys, history and evidence [STREAMFLOW_DIRECTORY, or ~/.streamflow]',
  account: 'account to look at [the key’s]',
  amount: 'tokens, for `stake …`, or ether, for `reserve` and `challenge withdraw`, e.g. 1000 or 0.5; `stake unbond` takes all',
  deposit: 'ether, for `fund` and `withdraw`',
  reserve: 'ether, for `fund` and `withdraw`',
  escrow: 'ether, for `fund` and `withdraw`',
  to: 'account that gets what is withdrawn, or that is funded, or orchestrator that stake moves to',
  orchestrator: 'orchestrator to designate a reserve to, or to delegate to',
  lock: 'number of a lock, for `stake rebond` and `stake withdraw` [all that are open]',
  rounds: 'past rounds whose fees are shown, for `stake list` [4]',
  service: 'service to buy, by name or description, e.g. CPUTranscoding, whose results can be challenged [Transcoding]',
  region: 'only orchestrators of this region',
  'max-price': 'wei for a million output pixels, at most',
  budget: 'ether that a broadcast may cost [0.05]',
  seconds: 'length of a broadcast or of a viewing; shorter files are repeated',
  'verification-rate': 'segments of a broadcast of which one is looked at in secret, up to 1000; 0: none [0]',
  limit: 'most rows',
  attester: 'server of a committee member that evidence is handed to, for `challenge`; commas for more',
  url: 'address that serves the evidence, for `challenge`',
  bond: 'ether that a challenge may put up, at most',
  output: 'file to write, for `evidence export`',
} as const

/** Flags without a value. */
export const bareFlags = { json: 'one line of JSON instead of a text; amounts are decimal strings of wei', unpaid: 'only forget a session here, without telling the chain, for `sessions revoke`' } as const

/** A command line. */
export interface CommandLine {
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly isHelp: boolean
  readonly isVersion: boolean
  readonly isJson: boolean
}

/** Parses arguments. A flag without a value counts as `true`. @throws {@link StreamflowError} `InvalidArgument` */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const options = {
    ...Object.fromEntries(Object.keys(valueFlags).map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(Object.keys(bareFlags).map((name) => [name, { type: 'boolean' as const }])),
    help: { type: 'boolean' as const, short: 'h' },
    version: { type: 'boolean' as const, short: 'v' },
  }
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    const { help, version, json, ...rest } = values as Readonly<Record<string, string | boolean | undefined>>
    const flags = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value === undefined ? undefined : String(value)]))
    return { words: positionals, flags, isHelp: help === true, isVersion: version === true, isJson: json === true }
  } catch (cause) {
    throw new StreamflowError('InvalidArgument', cause instanceof Error ? cause.message : 'the arguments cannot be read', { cause })
  }
}
