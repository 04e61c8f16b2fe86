/** `streamflow` from its arguments to its exit code. */

import { commands, renderCommandHelp, renderHelp } from './commands.js'
import { openContext } from './openContext.js'
import { parseCommandLine } from './parseCommandLine.js'
import { runCommandLine, type ProgramOptions } from './runCommandLine.js'

/** Runs a command. Never throws. @returns the exit code */
export function runProgram(options: ProgramOptions): Promise<number> {
  return runCommandLine({ commands, parse: parseCommandLine, renderHelp, renderCommandHelp, openContext: (line, means) => openContext({ ...line, ...means }) }, options)
}
