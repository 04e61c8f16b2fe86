/** `round …`: the protocol's clock, and beginning a round that nobody else began. */

import { initializeRound } from '@streamflow/sdk'
import { getCurrentRound } from '@streamflow/sdk/chain'
import type { Command } from './command.js'
import { openOperator, readNetwork } from './operator.js'
import { report } from '@streamflow/sdk/cli'

/** `round` */
export const roundCommand: Command = {
  usage: 'round [--json]',
  summary: 'show which round it is',
  example: 'round',
  async run({ load, print, isJson }) {
    const round = await getCurrentRound(readNetwork(load().config))
    report({ round }, { isJson, print, sentence: `it is round ${round}` })
    return 0
  },
}

/** `round initialize` */
export const roundInitializeCommand: Command = {
  usage: 'round initialize [--json]',
  summary: 'begin the current round, if nobody has; tickets name it by a hash that is fixed then',
  example: 'round initialize',
  async run({ load, print, isJson }) {
    const { network, wallet } = await openOperator(load().config)
    const { round, hash } = await initializeRound({ network, wallet })
    report({ round, transaction: hash }, { isJson, print, sentence: `round ${round} is initialized` })
    return 0
  },
}
