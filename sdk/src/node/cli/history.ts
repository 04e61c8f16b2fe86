/** `history`: what was broadcast from this machine, and what it cost. */

import { getHistory } from '../../actions/getHistory.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { formatAmount } from './amounts.js'
import type { Command } from './command.js'
import { formatTable } from './formatTable.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

/** `history` */
export const historyCommand: Command<Context> = {
  usage: 'history [--limit <number>] [--json]',
  summary: 'show the latest broadcasts of this machine: when, where, how many segments, what they cost',
  example: 'history --limit 10',
  async run(context) {
    const text = context.flags['limit'] ?? '20'
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new StreamflowError('InvalidArgument', `--limit: expected a number above 0, got ${text}`)
    const broadcasts = await getHistory({ store: context.stores.historyStore, limit: Number(text) })
    const rows = broadcasts.map(({ streamId, startedAtMs, state, sites, segmentsLost }) => [
      new Date(startedAtMs).toISOString(),
      streamId,
      state,
      sites.map(({ uri }) => uri).join(' '),
      String(sites.reduce((sum, { segments }) => sum + segments, 0)),
      String(segmentsLost),
      formatAmount(sites.reduce((sum, { fees }) => sum + fees, 0n)),
    ])
    report({ broadcasts }, { ...context, sentence: broadcasts.length === 0 ? 'nothing was broadcast yet' : formatTable(['began', 'stream', 'state', 'at', 'segments', 'lost', 'ETH'], rows).join('\n') })
    return 0
  },
}
