/** What a command of `streamflow` works with: the network, whoever pays, and what is kept on this machine. */

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAccount, type LocalAccount } from 'viem/accounts'
import type { EvidenceStore } from '../../broadcaster/report/evidence.js'
import type { HistoryStore } from '../../broadcaster/report/history.js'
import { loadNetwork } from '../../chain/loadNetwork.js'
import { parseNetwork, type Network } from '../../chain/network.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { SessionStore } from '../../session/sessionStore.js'
import type { Address, Hex } from '../../units/hex.js'
import { createFileEvidenceStore } from '../createFileEvidenceStore.js'
import { createFileHistoryStore } from '../createFileHistoryStore.js'
import { createFileSessionStore } from '../createFileSessionStore.js'
import { readKeyAddress, readKeyFile } from '../keystore/keyFile.js'
import { readAddressFlag } from './amounts.js'
import type { TellProgress } from './showProgress.js'

/** The means of a command. */
export interface Context {
  /** The words after the command's own name. */
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, string | undefined>>
  /** `--json` was given: what is printed is one line of JSON. */
  readonly isJson: boolean
  /** Writes to standard output. */
  print(text: string): void
  /** Says how far it is, to a person who waits. */
  readonly progress: TellProgress
  /** @throws {@link StreamflowError} `ConfigInvalid`, `NetworkUnavailable` */
  network(): Promise<Network>
  /** Whoever signs and pays. @throws {@link StreamflowError} `ConfigInvalid` */
  wallet(): Promise<LocalAccount>
  /** The account that is looked at: `--account`, else the key's. @throws {@link StreamflowError} `ConfigInvalid`, `InvalidArgument` */
  account(): Promise<Address>
  /** What is kept on this machine, in the folder that `--directory` names. */
  readonly stores: { readonly sessionStore: SessionStore; readonly historyStore: HistoryStore; readonly evidenceStore: EvidenceStore }
}

type Texts = Readonly<Record<string, string | undefined>>

const maxFileLength = 64 * 1024

function readText(path: string, what: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `cannot read the ${what} ${path}`, { cause, data: { path } })
  }
  if (text.length > maxFileLength) throw new StreamflowError('ConfigInvalid', `the ${what} ${path} is larger than ${maxFileLength} characters`, { data: { path } })
  return text
}

/** What is loaded rather than read: the network of a name, or what somebody serves. */
const elsewhere = /^(local$|https?:\/\/)/

async function readNetwork(flags: Texts, environment: Texts): Promise<Network> {
  const path = flags['network'] ?? environment['STREAMFLOW_NETWORK'] ?? 'network.json'
  if (elsewhere.test(path)) return loadNetwork(path)
  const text = readText(path, 'network description')
  try {
    return parseNetwork(text)
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `${path} is not a network description: ${cause instanceof Error ? cause.message : ''}`, { cause, help: 'It is the JSON that the deployment of the contracts writes.' })
  }
}

function readPassword(flags: Texts, environment: Texts): string {
  const path = flags['password-file']
  if (path !== undefined) return readText(path, 'password file').split(/\r?\n/, 1)[0] ?? ''
  const password = environment['STREAMFLOW_KEY_PASSWORD']
  if (password !== undefined && password !== '') return password
  throw new StreamflowError('ConfigInvalid', 'there is no password for the key file: give --password-file or STREAMFLOW_KEY_PASSWORD')
}

async function readPrivateKey(flags: Texts, environment: Texts): Promise<Hex> {
  const hex = environment['STREAMFLOW_PRIVATE_KEY']
  const path = flags['key-file'] ?? environment['STREAMFLOW_KEY_FILE']
  // A file that was named is meant, whatever else lies about in the environment.
  if (path !== undefined) return `0x${Buffer.from(await readKeyFile(path, readPassword(flags, environment))).toString('hex')}`
  if (hex === undefined || hex === '') {
    throw new StreamflowError('ConfigInvalid', 'there is no key', { help: 'Give --key-file (keystore V3) and its password, or set STREAMFLOW_PRIVATE_KEY; a key on the command line would be seen by everybody on this machine.' })
  }
  // What the variable holds is never repeated in an error.
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(hex)) throw new StreamflowError('ConfigInvalid', 'STREAMFLOW_PRIVATE_KEY: expected 32 bytes as hex')
  return `0x${hex.replace(/^0x/, '')}`
}

/** Puts it together; nothing is read before it is asked for. */
export function openContext({ words, flags, isJson, environment, print, progress }: Pick<Context, 'words' | 'flags' | 'isJson' | 'print' | 'progress'> & { readonly environment: Texts }): Context {
  let network: Promise<Network> | undefined
  const directory = flags['directory'] ?? environment['STREAMFLOW_DIRECTORY'] ?? join(homedir(), '.streamflow')
  const wallet = async (): Promise<LocalAccount> => privateKeyToAccount(await readPrivateKey(flags, environment))
  return {
    words,
    flags,
    isJson,
    print,
    progress,
    network: () => (network ??= readNetwork(flags, environment)),
    wallet,
    async account() {
      const named = flags['account']
      if (named !== undefined) return readAddressFlag('account', named)
      const path = flags['key-file'] ?? environment['STREAMFLOW_KEY_FILE']
      return (path === undefined ? undefined : await readKeyAddress(path)) ?? (await wallet()).address
    },
    stores: {
      sessionStore: createFileSessionStore({ path: join(directory, 'sessions.json') }),
      historyStore: createFileHistoryStore({ path: join(directory, 'history.json') }),
      evidenceStore: createFileEvidenceStore({ folder: join(directory, 'evidence') }),
    },
  }
}
