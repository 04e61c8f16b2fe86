/** `sessions …`: the session keys that this machine keeps. */

import { listSessions, revokeSession } from '../../actions/sessions.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { formatAmount, readAddressFlag } from './amounts.js'
import type { Command } from './command.js'
import { formatTable } from './formatTable.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

const millisecondsPerSecond = 1_000

/** `sessions list` */
export const sessionsListCommand: Command<Context> = {
  usage: 'sessions list [--json]',
  summary: 'show session keys of this network that are kept here: what they may spend, have spent, and until when',
  example: 'sessions list',
  async run(context) {
    const sessions = await listSessions({ network: await context.network(), ...context.stores })
    const rows = sessions.map(({ id, sender, spendCap, spent, validUntil, state }) => [id, sender, formatAmount(spendCap), formatAmount(spent), new Date(validUntil * millisecondsPerSecond).toISOString(), state])
    report({ sessions }, { ...context, sentence: sessions.length === 0 ? 'there are no sessions' : formatTable(['key', 'sender', 'may spend', 'spent', 'until', 'state'], rows).join('\n') })
    return 0
  },
}

/** `sessions revoke` */
export const sessionsRevokeCommand: Command<Context> = {
  usage: 'sessions revoke <key> [--unpaid] [--json]',
  summary: 'take a session key back: tickets of later rounds are void; --unpaid only forgets it here',
  example: 'sessions revoke 0x1111111111111111111111111111111111111111',
  takesWords: true,
  async run(context) {
    const [key, ...rest] = context.words
    if (key === undefined || rest.length > 0) throw new StreamflowError('InvalidArgument', 'expected the account of one session key: see `sessions list`')
    const id = readAddressFlag('sessions revoke', key)
    const wallet = context.flags['unpaid'] === undefined ? await context.wallet() : undefined
    const result = await revokeSession({ network: await context.network(), id, ...context.stores, ...(wallet && { wallet }) })
    report({ id, transaction: result?.hash }, { ...context, sentence: result === undefined ? `${id} is forgotten here` : `${id} is revoked` })
    return 0
  },
}
