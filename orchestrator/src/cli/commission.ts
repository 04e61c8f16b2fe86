/** `commission …`: which part of rewards and fees goes to whom, and announcing another. */

import { announceCommission, getCommission, type AnnouncedCommission, type Commission } from '@streamflow/sdk'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Command } from './command.js'
import { openOwner, readAccount, readNetwork } from './operator.js'
import { report } from '@streamflow/sdk/cli'

/** Parts per million of one percent. */
const ppmPerPercent = 10_000

const describe = ({ rewardCut, feeShare }: Commission): string => `keeps ${rewardCut / ppmPerPercent} % of rewards, gives ${feeShare / ppmPerPercent} % of fees to its delegators`
const describeComing = (coming: AnnouncedCommission): string => `${describe(coming)}, from round ${coming.effectiveRound} on`
const toFacts = ({ rewardCut, feeShare }: Commission): Readonly<Record<string, number>> => ({ rewardCutPpm: rewardCut, feeSharePpm: feeShare })

/** `commission` */
export const commissionCommand: Command = {
  usage: 'commission [--json]',
  summary: 'show which part of rewards is kept, and which part of fees is given to delegators',
  example: 'commission',
  async run({ load, print, isJson }) {
    const { config } = load()
    const orchestrator = await readAccount(config)
    const { current, coming } = await getCommission({ network: readNetwork(config), orchestrator })
    const sentences = [...(current === undefined ? [] : [describe(current)]), ...(coming === undefined ? [] : [describeComing(coming)])]
    const sentence = `${orchestrator}: ${sentences.length === 0 ? 'no commission was ever announced' : sentences.join('; ')}`
    report({ orchestrator, current: current && toFacts(current), coming: coming && { ...toFacts(coming), effectiveRound: coming.effectiveRound } }, { isJson, print, sentence })
    return 0
  },
}

/** `commission set` */
export const commissionSetCommand: Command = {
  usage: 'commission set --reward-cut <percent> --fee-share <percent> [--json]',
  summary: 'announce another commission; it binds some rounds later, so that delegators can leave before',
  example: 'commission set --reward-cut 10 --fee-share 40',
  details: 'The first commission may be anything and opens the orchestrator to delegators. Later ones move by at most the network’s largest step at once.',
  async run({ load, flags, print, isJson }) {
    const [rewardCut, feeShare] = [readPercent('reward-cut', flags['reward-cut']), readPercent('fee-share', flags['fee-share'])]
    const { network, wallet, address: orchestrator } = await openOwner(load().config, 'change its commission')
    const { effectiveRound, hash } = await announceCommission({ network, wallet, rewardCut, feeShare })
    const sentence = `${orchestrator}: ${describeComing({ rewardCut, feeShare, effectiveRound })}`
    report({ orchestrator, ...toFacts({ rewardCut, feeShare }), effectiveRound, transaction: hash }, { isJson, print, sentence })
    return 0
  },
}

/** Parts per million. */
function readPercent(name: string, text: string | undefined): number {
  const percent = text !== undefined && /^\d{1,3}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN
  if (!(percent <= 100)) throw new StreamflowError('InvalidArgument', `commission set: expected --${name} with percent 0…100, e.g. 12.5`)
  return Math.round(percent * ppmPerPercent)
}
