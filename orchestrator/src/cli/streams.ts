/** `streams …`, `drain`, `redeem now`: what the server that runs on this machine does, asked on the operator's own listener. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { ListedStream } from '../core/streams/listedStream.js'
import { askServer } from './askServer.js'
import type { Command } from './command.js'
import { formatTable, report } from '@streamflow/sdk/cli'

/** How often who waits for a drain is told how far it is. */
const lookMs = 1_000

/** `streams list`, and `streams`. */
export const streamsCommand: Command = {
  usage: 'streams list [--json]',
  summary: 'show the streams of the server that runs with this data directory',
  example: 'streams list',
  async run({ load, print, isJson }) {
    const { streams } = (await askServer(load().config, 'GET', '/streams')) as { readonly streams: readonly ListedStream[] }
    const rows = streams.map(({ streamId, sender, source, renditions, seconds, segments, isConnected, isPaid }) => [streamId, sender, source, renditions, String(seconds), String(segments), isConnected ? 'live' : 'away', isPaid ? 'paid' : 'not yet'])
    const sentence = streams.length === 0 ? 'there are no streams' : formatTable(['stream', 'sender', 'source', 'renditions', 'seconds', 'segments', 'broadcaster', 'paid'], rows).join('\n')
    report({ streams }, { isJson, print, sentence })
    return 0
  },
}

/** `streams end` */
export const streamsEndCommand: Command = {
  usage: 'streams end <stream> [--json]',
  summary: 'end a stream: its broadcaster is told to move, and its open segment is finished first',
  example: `streams end 0x${'5e'.repeat(32)}`,
  takesWords: true,
  async run({ load, words, print, isJson }) {
    const [streamId = '', ...rest] = words
    if (!/^0x[0-9a-fA-F]{64}$/.test(streamId) || rest.length > 0) throw new StreamflowError('InvalidArgument', `expected the name of a stream (0x and 64 hexadecimal digits), got "${words.join(' ')}"`)
    await askServer(load().config, 'DELETE', `/streams/${streamId}`)
    report({ streamId }, { isJson, print, sentence: `${streamId} has ended` })
    return 0
  },
}

/** `drain` */
export const drainCommand: Command = {
  usage: 'drain [--json]',
  summary: 'take no more streams, tell those that run to move, wait until none is left; the server goes on serving viewers until it is stopped',
  example: 'drain',
  async run({ load, print, isJson, progress }) {
    const { config } = load()
    const look = async (): Promise<void> => {
      const { streams } = (await askServer(config, 'GET', '/streams')) as { readonly streams: readonly unknown[] }
      progress(`${streams.length} ${streams.length === 1 ? 'stream is' : 'streams are'} left`)
    }
    const looking = setInterval(() => void look().catch(() => undefined), lookMs)
    try {
      await askServer(config, 'POST', '/drain')
    } finally {
      clearInterval(looking)
    }
    report({ streams: 0 }, { isJson, print, sentence: 'no stream is left: the server can be stopped' })
    return 0
  },
}

/** `redeem now` */
export const redeemCommand: Command = {
  usage: 'redeem now [--json]',
  summary: 'have the running server look at its winners now, instead of with the next block',
  example: 'redeem now',
  details: 'Winners whose ticket parameters still stand are not shown before these end. `ledger winners` tells how they stand, `ledger dead` which will not be paid.',
  async run({ load, print, isJson }) {
    await askServer(load().config, 'POST', '/redeem')
    report({}, { isJson, print, sentence: 'the winners were looked at: see `ledger winners`' })
    return 0
  },
}
