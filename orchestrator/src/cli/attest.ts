/** `attest`: a member of the committee that judges challenges of the exact service. */

import type { Command } from './command.js'
import { createLog } from './createLog.js'
import { openOperator, readAccount, readPassword, readPrivateKey } from './operator.js'
import { watchSignals } from './watchSignals.js'

/** `attest` */
export const attestCommand: Command = {
  usage: 'attest',
  summary: 'judge challenges as a member of the committee, until SIGTERM or SIGINT: get the evidence, repeat the work, sign, hand in',
  example: 'attest --attest-public-url https://attester.example.org --attest-members https://second.example.org,https://third.example.org',
  details: 'The account must be a member (governance says who is) and an active orchestrator; the key may be its signer’s. What was signed lies in attestation/verdicts of the data directory: never run two members of one account with two data directories.',
  isText: true,
  async run({ load }) {
    const { config, warnings } = load()
    const stopped = watchSignals()
    const [{ network, wallet }, account, privateKey] = await Promise.all([openOperator(config), readAccount(config), readPrivateKey(config)])
    const log = createLog(config, { network, privateKey, password: readPassword(config) })
    for (const warning of warnings) log.warn(warning)
    // Loaded here: the other commands do without it.
    const { createAttester } = await import('../createAttester.js')
    const attester = await createAttester({ config, network, account, privateKey, wallet, log })
    await stopped.first
    return Promise.race([attester.close().then(() => 0), stopped.second.then(() => 1)])
  },
}
