/** All commands of `streamflow`, and the help that lists them. */

import { broadcastCommand } from './broadcast.js'
import { challengeCommand, challengeCreditCommand, challengeSettleCommand, challengeShowCommand, challengeWithdrawCommand } from './challenge.js'
import { describeCommand, listCommands, type Command, type Commands } from './command.js'
import { discoverCommand } from './discover.js'
import { evidenceExportCommand, evidenceListCommand } from './evidence.js'
import { fundCommand, fundsCommand, reserveCommand, unlockCancelCommand, unlockCommand, withdrawCommand } from './funds.js'
import { historyCommand } from './history.js'
import { networkCommand } from './network.js'
import type { Context } from './openContext.js'
import { bareFlags, valueFlags } from './parseCommandLine.js'
import { sessionsListCommand, sessionsRevokeCommand } from './sessions.js'
import { stakeDelegateCommand, stakeListCommand, stakeMoveCommand, stakeRebondCommand, stakeRewardsCommand, stakeUnbondCommand, stakeWithdrawCommand } from './stake.js'
import { watchCommand } from './watch.js'

const program = 'streamflow'
const exitCodes = 'Exit codes: 0 done; 1 failed; 2 the command line or a setting is wrong.'

/** By name, in the order of the help. */
export const commands: Commands<Context> = {
  broadcast: broadcastCommand,
  watch: watchCommand,
  discover: discoverCommand,
  network: networkCommand,
  history: historyCommand,
  funds: fundsCommand,
  fund: fundCommand,
  reserve: reserveCommand,
  unlock: unlockCommand,
  'unlock cancel': unlockCancelCommand,
  withdraw: withdrawCommand,
  'sessions list': sessionsListCommand,
  'sessions revoke': sessionsRevokeCommand,
  'evidence list': evidenceListCommand,
  'evidence export': evidenceExportCommand,
  challenge: challengeCommand,
  'challenge show': challengeShowCommand,
  'challenge settle': challengeSettleCommand,
  'challenge credit': challengeCreditCommand,
  'challenge withdraw': challengeWithdrawCommand,
  'stake list': stakeListCommand,
  'stake rewards': stakeRewardsCommand,
  'stake delegate': stakeDelegateCommand,
  'stake move': stakeMoveCommand,
  'stake unbond': stakeUnbondCommand,
  'stake rebond': stakeRebondCommand,
  'stake withdraw': stakeWithdrawCommand,
}

/** The help of one command. */
export const renderCommandHelp = (command: Command<Context>): string => `${describeCommand(program, command)}\n\n${exitCodes} \`${program} --help\` explains the flags.`

/** The help text. */
export function renderHelp(): string {
  const flags = Object.entries({ ...valueFlags, ...bareFlags }).map(([name, doc]) => `  --${name.padEnd(16)} ${doc}`)
  return [`${program} <command> [--flags]`, '', listCommands(commands), '', ...flags, '  --help, --version  `<command> --help` shows an example', '', exitCodes].join('\n')
}
