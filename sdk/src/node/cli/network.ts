/** `network`: which network the other commands work with, and whether its description is true. */

import { checkNetwork } from '../../actions/checkNetwork.js'
import type { Command } from './command.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

/** `network` */
export const networkCommand: Command<Context> = {
  usage: 'network [--json]',
  summary: 'show the network, and whether its endpoints and contracts are what its description says; exit code 1 if not',
  example: 'network --network network.json',
  async run(context) {
    const network = await context.network()
    const faults = await checkNetwork({ network })
    const { chainId, rpcUrls, contracts } = network
    const lines = [
      `chain ${chainId}, ${rpcUrls.length === 1 ? 'one endpoint' : `${rpcUrls.length} endpoints`}`,
      ...Object.entries(contracts).map(([name, address]) => `${name} at ${address}`),
      ...(faults.length === 0 ? ['all of them answer, and belong to one deployment'] : faults.map(({ where, message }) => `wrong: ${where}: ${message}`)),
    ]
    report({ chainId, contracts, faults }, { ...context, sentence: lines.join('\n') })
    return faults.length === 0 ? 0 : 1
  },
}
