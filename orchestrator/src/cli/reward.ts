/** `reward`: takes this round's inflation, which nobody takes for an orchestrator but itself. */

import { claimReward } from '@streamflow/sdk'
import { formatAmount, report } from '@streamflow/sdk/cli'
import type { Command } from './command.js'
import { openOperator, readAccount } from './operator.js'

/** `reward` */
export const rewardCommand: Command = {
  usage: 'reward [--json]',
  summary: "mint this round's reward for the stake; once per round, what is left out is lost",
  example: 'reward',
  async run({ load, print, isJson }) {
    const { config } = load()
    const { network, wallet } = await openOperator(config)
    const orchestrator = await readAccount(config)
    const { minted, cut, round, hash } = await claimReward({ network, wallet, orchestrator })
    const sentence = `${orchestrator}: ${formatAmount(minted)} tokens minted for the stake behind it in round ${round}, ${formatAmount(cut)} of them kept`
    report({ orchestrator, round, mintedUnits: minted, keptUnits: cut, transaction: hash }, { isJson, print, sentence })
    return 0
  },
}
