/** `reward`: takes this round's inflation, which nobody takes for an orchestrator but itself. */

import { formatUnits } from 'viem'
import { stakingAbi } from '@streamflow/contracts'
import type { Command } from './command.js'
import { awaitMined, callContract, openOperator, readAccount } from './operator.js'
import { report } from './report.js'

const decimals = 18

/** `reward` */
export const rewardCommand: Command = {
  usage: 'reward [--json]',
  summary: "mint this round's reward for the stake; once per round, what is left out is lost",
  hasJson: true,
  async run({ load, print, isJson }) {
    const { config } = load()
    const operator = await openOperator(config)
    const { network, client, wallet } = operator
    const orchestrator = await readAccount(config)
    const call = { address: network.contracts.staking, abi: stakingAbi, functionName: 'rewardFor', args: [orchestrator], account: wallet.account } as const
    // Simulated first: a refusal has its name then, and costs nothing.
    const { result: minted } = await callContract('reward', () => client.simulateContract(call))
    const transaction = await awaitMined(operator, 'reward', () => wallet.writeContract(call))
    const sentence = `${orchestrator}: ${formatUnits(minted, decimals)} tokens minted for the stake behind it`
    report({ orchestrator, mintedUnits: minted, transaction }, { isJson, print, sentence })
    return 0
  },
}
