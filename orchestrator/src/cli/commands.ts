/** All commands, and the help that lists them. */

import { describeCommand, listCommands } from '@streamflow/sdk/cli'
import { describeFlags } from '../config/describeConfig.js'
import { adminCommand, auditCommand, priceCommand, priceSetCommand } from './admin.js'
import { attestCommand } from './attest.js'
import type { Command } from './command.js'
import { commissionCommand, commissionSetCommand } from './commission.js'
import { configCheckCommand, configExampleCommand, configShowCommand } from './config.js'
import { doctorCommand } from './doctor.js'
import { feesCommand, feesWithdrawCommand } from './fees.js'
import { keyAddressCommand, keyExportCommand, keyImportCommand, keyNewCommand } from './key.js'
import { ledgerCommand, ledgerResealCommand } from './ledger.js'
import { commandFlags } from './parseCommandLine.js'
import { poolAddOrchestratorCommand, poolAddTranscoderCommand, poolCommand, poolRevokeCommand } from './pool.js'
import { poolEvidenceCommand, poolMembersCommand, poolPayoutsCommand } from './publicPool.js'
import { registerCommand, unregisterCommand } from './registration.js'
import { rewardCommand } from './reward.js'
import { roundCommand, roundInitializeCommand } from './round.js'
import { signerCommand, signerRevokeCommand, signerRotateCommand, signerSetCommand } from './signer.js'
import { stakeBondCommand, stakeRebondCommand, stakeShowCommand, stakeUnbondCommand, stakeWithdrawCommand } from './stake.js'
import { startCommand } from './start.js'
import { statusCommand } from './status.js'
import { drainCommand, redeemCommand, streamsCommand, streamsEndCommand } from './streams.js'

const program = 'streamflow-orchestrator'

/** By name, in the order of the help. A longer name wins over a shorter one. */
export const commands: Readonly<Record<string, Command>> = {
  start: startCommand,
  attest: attestCommand,
  status: statusCommand,
  doctor: doctorCommand,
  admin: adminCommand,
  'streams list': streamsCommand,
  streams: streamsCommand,
  'streams end': streamsEndCommand,
  drain: drainCommand,
  'redeem now': redeemCommand,
  price: priceCommand,
  'price set': priceSetCommand,
  audit: auditCommand,
  'key new': keyNewCommand,
  'key import': keyImportCommand,
  'key export': keyExportCommand,
  'key address': keyAddressCommand,
  signer: signerCommand,
  'signer set': signerSetCommand,
  'signer rotate': signerRotateCommand,
  'signer revoke': signerRevokeCommand,
  pool: poolCommand,
  'pool add-orchestrator': poolAddOrchestratorCommand,
  'pool add-transcoder': poolAddTranscoderCommand,
  'pool revoke': poolRevokeCommand,
  'pool members': poolMembersCommand,
  'pool evidence': poolEvidenceCommand,
  'pool payouts': poolPayoutsCommand,
  'stake show': stakeShowCommand,
  'stake bond': stakeBondCommand,
  bond: stakeBondCommand,
  'stake unbond': stakeUnbondCommand,
  'stake rebond': stakeRebondCommand,
  'stake withdraw': stakeWithdrawCommand,
  commission: commissionCommand,
  'commission set': commissionSetCommand,
  register: registerCommand,
  unregister: unregisterCommand,
  fees: feesCommand,
  'fees withdraw': feesWithdrawCommand,
  reward: rewardCommand,
  round: roundCommand,
  'round initialize': roundInitializeCommand,
  ledger: ledgerCommand,
  'ledger reseal': ledgerResealCommand,
  'config show': configShowCommand,
  'config check': configCheckCommand,
  'config example': configExampleCommand,
}

const exitCodes = 'Exit codes: 0 done (and, for `status` and `doctor`, all well); 1 failed; 2 the command line or a setting is wrong.'

/** The help of one command. */
export const renderCommandHelp = (command: Command): string => `${describeCommand(program, command)}\n\n${exitCodes} \`${program} --help\` lists all settings.`

/** The help text. */
export function renderHelp(): string {
  const extra = Object.entries(commandFlags).map(([name, doc]) => `  --${name.padEnd(20)} ${doc}`)
  return [
    `${program} <command> [--flags]`,
    '',
    listCommands(commands),
    '',
    ...extra,
    '  --json                 one line of JSON instead of sentences; amounts are decimal strings of wei',
    '  --help, --version      `<command> --help` shows an example',
    '',
    'Settings: flags, else environment variables (--http-port is STREAMFLOW_HTTP_PORT), else the YAML file, else [defaults].',
    '',
    describeFlags(),
    '',
    exitCodes,
  ].join('\n')
}
