/** `ledger`: the ledger's own command line, on the configured ledger. */

import { join } from 'node:path'
import type { Command } from './command.js'
import { runLedgerCommand } from './ledger/runLedgerCommand.js'

/** `ledger` */
export const ledgerCommand: Command = {
  usage: 'ledger [help | balances | winners | …]',
  summary: 'show, export, copy and restore the ledger, retry dead winners',
  takesWords: true,
  async run({ words, isAll, load, print }) {
    const path = join(load().config.data.directory, 'ledger.sqlite')
    await runLedgerCommand({ args: isAll ? [...words, '--all'] : words, path, write: print })
    return 0
  },
}
