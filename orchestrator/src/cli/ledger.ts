/** `ledger …`: the ledger's own command line, on the configured ledger. */

import { join } from 'node:path'
import { StreamflowError } from '@streamflow/sdk/errors'
import { readKeyFile } from '@streamflow/sdk/node'
import { resealInPostgres } from '../adapters/ledger/postgres/resealInPostgres.js'
import { resealLedger } from '../adapters/ledger/resealLedger.js'
import type { Config } from '../config/settings.js'
import type { Command } from './command.js'
import { ledgerUsage, runLedgerCommand } from './ledger/runLedgerCommand.js'
import { readPassword, readPrivateKey } from './operator.js'
import { report } from '@streamflow/sdk/cli'

const locate = ({ data }: Config): string => join(data.directory, 'ledger.sqlite')

/** `ledger` */
export const ledgerCommand: Command = {
  usage: 'ledger [help | balances | winners | …] [--json]',
  summary: 'show, export, copy, restore and prune the ledger, retry dead winners',
  example: 'ledger backup ledger-copy.sqlite',
  details: ledgerUsage,
  takesWords: true,
  async run({ words, isAll, isJson, load, print, progress }) {
    const { config } = load()
    const { postgresUrl } = config.data
    await runLedgerCommand({ args: isAll ? [...words, '--all'] : words, path: locate(config), ...(postgresUrl !== undefined && { postgresUrl }), write: print, isJson, tell: progress })
    return 0
  },
}

/** `ledger reseal` */
export const ledgerResealCommand: Command = {
  usage: 'ledger reseal --old-key-file <path> [--json]',
  summary: 'go over from the key of an old key file to that of key.file, as after `signer rotate`; the orchestrator must be stopped',
  example: 'ledger reseal --old-key-file hot-1.json --key-file hot-2.json',
  details: 'Both key files have the password of key.file. Nothing that was quoted is voided, no winner is lost.',
  async run({ load, flags, print, isJson, progress }) {
    const old = flags['old-key-file']
    if (old === undefined) throw new StreamflowError('InvalidArgument', 'expected --old-key-file with the key file that the ledger was used with')
    const { config } = load()
    const { postgresUrl } = config.data
    const path = postgresUrl === undefined ? locate(config) : 'the ledger in PostgreSQL'
    progress('both key files are opened')
    const [from, to] = await Promise.all([readKeyFile(old, readPassword(config)), readPrivateKey(config)])
    const change = { from, to, nowSeconds: Date.now() / 1_000 }
    progress('secrets are sealed anew', 'now')
    const secrets = postgresUrl === undefined ? resealLedger(path, change) : await resealInPostgres(postgresUrl, change)
    report({ path, secrets }, { isJson, print, sentence: `${path}: ${secrets} secret${secrets === 1 ? ' is' : 's are'} sealed with ${config.key.file} now` })
    return 0
  },
}
