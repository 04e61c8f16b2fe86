/**
 * What holds an ffmpeg that somebody's media have taken over: programs of this machine that run another one within bounds and
 * then become it. Each is tried, and left out where it does not work (macOS has none of them;
 * containers may forbid some); ffmpeg still ends when its standard input closes.
 */

import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** One thing that ffmpeg is kept from. */
export interface ConfinementPart {
  readonly name: 'network' | 'user' | 'limits' | 'priority'
  /** For the operator. */
  readonly meaning: string
  /** What to put before a command; empty where this machine cannot. */
  readonly words: readonly string[]
}

/** Memory that one ffmpeg may allocate and files that it may write, in bytes; descriptors that it may hold, and processes of its user. */
const processLimits = { dataBytes: 4 * 1024 * 1024 * 1024, fileBytes: 64 * 1024 * 1024, openFiles: 64, processes: 16_384 } as const
/** `nobody`, who owns nothing. */
const nobody = '65534'
/** Where the devices of cards lie, which belong to groups. */
const deviceFolders = ['/dev', '/dev/dri'] as const

/** Groups that may use the cards of this machine. */
function listDeviceGroups(): readonly number[] {
  const groups = deviceFolders.flatMap((folder) => {
    try {
      const names = readdirSync(folder).filter((name) => folder !== '/dev' || name.startsWith('nvidia'))
      return names.map((name) => statSync(join(folder, name)).gid)
    } catch {
      return []
    }
  })
  return [...new Set(groups)].filter((group) => group !== 0)
}

/** Only root can become another user. */
function becomeNobody(): readonly string[] {
  const groups = listDeviceGroups()
  return ['--reuid', nobody, '--regid', nobody, ...(groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')])]
}

/** The kernel kills ffmpeg when its parent dies, also by kill -9; no rights can be gained by executing something. */
const bound = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs'] as const

const limited = ['prlimit', `--data=${processLimits.dataBytes}`, `--fsize=${processLimits.fileBytes}`, `--nofile=${processLimits.openFiles}`, '--core=0'] as const

/** Ways of doing it, the best first. */
type Candidate = Omit<ConfinementPart, 'words'> & { readonly choices: readonly (readonly string[])[] }

/** In the order in which they are put before a command: the last takes what the first ones need. */
function listCandidates(isRoot: boolean): readonly Candidate[] {
  const namespaces = ['--net', '--ipc', '--uts'] as const
  return [
    { name: 'network', meaning: 'no network, no memory shared with other processes', choices: [isRoot ? ['unshare', ...namespaces] : ['unshare', '--user', '--map-current-user', ...namespaces]] },
    {
      name: 'limits',
      meaning: 'bounds of memory, files, descriptors and processes',
      // Where fewer processes are allowed already, more cannot be.
      choices: [[...limited, `--nproc=${processLimits.processes}`], limited],
    },
    // Gives way to the orchestrator, but only a little: it is what viewers wait for.
    { name: 'priority', meaning: 'gives way to the orchestrator', choices: [['nice', '-n', '2']] },
    { name: 'user', meaning: isRoot ? 'a user of its own that owns nothing; ends with its transcoder' : 'gains no rights; ends with its transcoder', choices: isRoot ? [[...bound, ...becomeNobody()], bound] : [bound] },
  ]
}

/** The first that works for a program. */
async function findWorking(choices: readonly (readonly string[])[], program: readonly string[]): Promise<readonly string[]> {
  for (const words of choices) {
    const [command = '', ...rest] = [...words, ...program]
    if (await promisify(execFile)(command, rest).then(() => true, () => false)) return words
  }
  return []
}

/** What this machine can do, part by part. */
export async function listConfinement(ffmpegPath: string): Promise<readonly ConfinementPart[]> {
  const candidates = listCandidates(process.getuid?.() === 0)
  // Another user may not even find an ffmpeg; the rest is the same for every program, and ffmpeg takes long to start.
  const programOf = (name: ConfinementPart['name']): readonly string[] => (name === 'user' ? [ffmpegPath, '-version'] : ['true'])
  return Promise.all(candidates.map(async ({ name, meaning, choices }) => ({ name, meaning, words: await findWorking(choices, programOf(name)) })))
}

/** What of it is active and what is not, in words for logs and operators. */
export function describeConfinement(parts: readonly ConfinementPart[]): { readonly active: readonly string[]; readonly missing: readonly string[] } {
  const tell = (isActive: boolean): readonly string[] => parts.filter(({ words }) => words.length > 0 === isActive).map(({ name, meaning }) => `${name}: ${meaning}`)
  return { active: tell(true), missing: tell(false) }
}

/** The words to put before a command. */
export async function findConfinement(ffmpegPath: string): Promise<readonly string[]> {
  return (await listConfinement(ffmpegPath)).flatMap(({ words }) => words)
}
