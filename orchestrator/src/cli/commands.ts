/** All commands, and the help that lists them. */

import { describeFlags } from '../config/describeConfig.js'
import type { Command } from './command.js'
import { commissionCommand, commissionSetCommand } from './commission.js'
import { configCheckCommand, configExampleCommand, configShowCommand } from './config.js'
import { feesCommand, feesWithdrawCommand } from './fees.js'
import { keyAddressCommand, keyExportCommand, keyImportCommand, keyNewCommand } from './key.js'
import { ledgerCommand } from './ledger.js'
import { commandFlags } from './parseCommandLine.js'
import { bondCommand, registerCommand, unregisterCommand } from './registration.js'
import { rewardCommand } from './reward.js'
import { startCommand } from './start.js'
import { statusCommand } from './status.js'

/** By name, in the order of the help. A longer name wins over a shorter one. */
const commands: Readonly<Record<string, Command>> = {
  start: startCommand,
  status: statusCommand,
  'key new': keyNewCommand,
  'key import': keyImportCommand,
  'key export': keyExportCommand,
  'key address': keyAddressCommand,
  ledger: ledgerCommand,
  fees: feesCommand,
  'fees withdraw': feesWithdrawCommand,
  reward: rewardCommand,
  commission: commissionCommand,
  'commission set': commissionSetCommand,
  bond: bondCommand,
  register: registerCommand,
  unregister: unregisterCommand,
  'config show': configShowCommand,
  'config check': configCheckCommand,
  'config example': configExampleCommand,
}

/** Finds the command that some words begin with, and what follows it. */
export function findCommand(words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(' ')
    const command = words.length >= count && Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command !== undefined) return { command, rest: words.slice(count) }
  }
  return undefined
}

/** The help text. */
export function renderHelp(): string {
  const list = Object.values(commands).map(({ usage, summary }) => `  ${usage.padEnd(64)} ${summary}`)
  const extra = Object.entries(commandFlags).map(([name, doc]) => `  --${name.padEnd(20)} ${doc}`)
  return [
    'streamflow-orchestrator <command> [--flags]',
    '',
    ...list,
    '',
    ...extra,
    '  --json                 one line of JSON instead of a sentence, where the command says so',
    '  --help, --version',
    '',
    'Settings: flags, else environment variables (--http-port is STREAMFLOW_HTTP_PORT), else the YAML file, else [defaults].',
    '',
    describeFlags(),
    '',
    'Exit codes: 0 done; 1 failed; 2 the command line or a setting is wrong.',
  ].join('\n')
}
