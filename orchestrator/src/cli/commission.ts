/** `commission …`: which part of rewards and fees goes to whom, and announcing another. */

import { stakingAbi } from '@streamflow/contracts'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Network } from '@streamflow/sdk/chain'
import type { Command } from './command.js'
import { awaitMined, callContract, createReader, openOperator, readAccount, readNetwork, type Operator } from './operator.js'
import { report } from './report.js'

type Hex = `0x${string}`

/** Parts per million of one percent. */
const ppmPerPercent = 10_000

interface Commission {
  /** Part of rewards that the orchestrator keeps; parts per million. */
  readonly rewardCutPpm: number
  /** Part of fees that goes to the stake behind it; parts per million. */
  readonly feeSharePpm: number
  /** First round in which what was announced last binds; 0 if nothing ever was. */
  readonly effectiveRound: bigint
}

/** What was announced last. */
async function readCommission(client: Operator['client'], { contracts }: Network, orchestrator: Hex): Promise<Commission> {
  const staking = { address: contracts.staking, abi: stakingAbi } as const
  return callContract('reading the commission', async () => {
    const effectiveRound = await client.readContract({ ...staking, functionName: 'commissionEffectiveRound', args: [orchestrator] })
    const [rewardCutPpm, feeSharePpm] = await client.readContract({ ...staking, functionName: 'commissionAt', args: [orchestrator, effectiveRound] })
    return { rewardCutPpm, feeSharePpm, effectiveRound }
  })
}

function describe({ rewardCutPpm, feeSharePpm, effectiveRound }: Commission): string {
  return `keeps ${rewardCutPpm / ppmPerPercent} % of rewards, gives ${feeSharePpm / ppmPerPercent} % of fees to its delegators, from round ${effectiveRound} on`
}

/** `commission` */
export const commissionCommand: Command = {
  usage: 'commission [--json]',
  summary: 'show which part of rewards is kept, and which part of fees is given to delegators',
  hasJson: true,
  async run({ load, print, isJson }) {
    const { config } = load()
    const network = readNetwork(config)
    const orchestrator = await readAccount(config)
    const commission = await readCommission(createReader(network), network, orchestrator)
    report({ orchestrator, ...commission }, { isJson, print, sentence: `${orchestrator}: ${commission.effectiveRound === 0n ? 'no commission was ever announced' : describe(commission)}` })
    return 0
  },
}

/** `commission set` */
export const commissionSetCommand: Command = {
  usage: 'commission set --reward-cut <percent> --fee-share <percent> [--json]',
  summary: 'announce another commission; it binds some rounds later, so that delegators can leave before',
  hasJson: true,
  async run({ load, flags, print, isJson }) {
    const [rewardCut, feeShare] = [readPercent('reward-cut', flags['reward-cut']), readPercent('fee-share', flags['fee-share'])]
    const { config } = load()
    const operator = await openOperator(config)
    const { network, client, wallet, address } = operator
    const orchestrator = await readAccount(config)
    if (orchestrator !== address) throw new StreamflowError('ConfigInvalid', `only ${orchestrator} can change its commission: this key (${address}) only signs for it`)
    const call = { address: network.contracts.staking, abi: stakingAbi, functionName: 'scheduleCommission', args: [rewardCut, feeShare], account: wallet.account } as const
    await callContract('scheduleCommission', () => client.simulateContract(call))
    const transaction = await awaitMined(operator, 'scheduleCommission', () => wallet.writeContract(call))
    const commission = await readCommission(client, network, address)
    report({ orchestrator, ...commission, transaction }, { isJson, print, sentence: `${orchestrator}: ${describe(commission)}` })
    return 0
  },
}

/** Parts per million. */
function readPercent(name: string, text: string | undefined): number {
  const percent = text !== undefined && /^\d{1,3}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN
  if (!(percent <= 100)) throw new StreamflowError('InvalidArgument', `commission set: expected --${name} with percent 0…100, e.g. 12.5`)
  return Math.round(percent * ppmPerPercent)
}
