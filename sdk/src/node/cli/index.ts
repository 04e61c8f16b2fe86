/** What the command lines of this project share. */

export { formatAmount, readAddressFlag, readAmount, requireAmount } from './amounts.js'
export { describeCommand, findCommand, listCommands, type Command, type Commands } from './command.js'
export { formatTable } from './formatTable.js'
export { describeLock, readLockFlag, requireLockFlag } from './locks.js'
export { report, type ReportOptions } from './report.js'
export { runCommandLine, type Program, type ProgramOptions } from './runCommandLine.js'
export type { TellProgress } from './showProgress.js'
