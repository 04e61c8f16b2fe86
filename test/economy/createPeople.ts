// Who takes part in the economy: each with a key of its own, and a terminal in which it lies.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyFile } from '@streamflow/sdk/node'
import { parseEther } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { findFreePort } from '../../examples/network/findFreePort.mjs'
import { runProgram as runOrchestrator } from '../../orchestrator/src/cli/runProgram.js'
import { runProgram as runStreamflow } from '../../sdk/src/node/cli/runProgram.js'
import { getServerProgram } from '../integration/server/serverBundle.js'
import { mergeSettings, OperatorServer, writeSettings, type Settings } from './OperatorServer.js'
import { openTerminal, type Program, type Terminal } from './openTerminal.js'

/** Somebody with tokens, or with ether for tickets. */
export interface Person {
  readonly name: string
  readonly account: PrivateKeyAccount
  /** Tokens that it is given; wei. */
  readonly tokens: bigint
  /** At the terminal of the machine where its own key is. */
  readonly run: Terminal
}

/** Who has a server, and a key that signs there. */
export interface Orchestrator extends Person {
  /** Nobody else is there: whoever asks for it gets this one. */
  readonly region: string
  readonly server: OperatorServer
  /** Settings of the server with the second key, which is not the account's own. */
  readonly hot: { readonly account: PrivateKeyAccount; readonly keyFile: string; readonly settings: Settings }
  /** The account's own key. */
  readonly keyFile: string
}

/** Everybody. */
export interface People {
  readonly orchestrators: readonly Orchestrator[]
  readonly delegators: readonly Person[]
  readonly broadcasters: readonly Person[]
}

const token = 10n ** 18n
const password = 'economy'
/** There is nothing to guess: these keys are worth something for seconds. */
const cheapCost = { n: 1_024, r: 8, p: 1 }
const regions = ['eu-west', 'eu-central', 'us-east'] as const

/** Nearly every ticket wins: a second of what is sent is worth nearly what a winner pays. Rounds and rewards are left to commands. */
const serverSettings: Settings = {
  network: { pollIntervalMs: 200, confirmations: 0 },
  http: { host: '127.0.0.1' },
  operator: { port: 0 },
  transcoder: { pixelsPerSecond: 100_000_000 },
  price: { perMillionPixels: String(parseEther('0.005')), perMillionInputPixels: '0' },
  tickets: { faceValue: String(parseEther('0.01')), rotationSeconds: 2 },
  redemption: { initializeRounds: false, claimRewards: false, cheapPercent: 100 },
}

async function createKey(keyFile: string): Promise<PrivateKeyAccount> {
  const key = generatePrivateKey()
  await createKeyFile(keyFile, { privateKey: Buffer.from(key.slice(2), 'hex'), password, cost: cheapCost })
  return privateKeyToAccount(key)
}

interface Place {
  readonly folder: string
  readonly networkFile: string
}

async function createOrchestrator({ folder, networkFile }: Place, index: number): Promise<Orchestrator> {
  const [name, region, port] = [`orchestrator ${index + 1}`, regions[index] ?? 'local', await findFreePort(0)]
  const [home, there] = [join(folder, `home-${index}`), join(folder, `server-${index}`)]
  for (const each of [home, there]) mkdirSync(each)
  const [keyFile, hotFile] = [join(home, 'key.json'), join(there, 'hot.json')]
  const [account, hotAccount] = [await createKey(keyFile), await createKey(hotFile)]
  const url = `http://127.0.0.1:${port}`
  const known: Settings = { network: { file: networkFile }, key: { file: keyFile, password }, http: { publicUrl: url }, registration: { services: ['Transcoding'], regions: [region] } }
  const settingsFile = join(home, 'orchestrator.yml')
  writeSettings(settingsFile, known)
  const settings = mergeSettings(serverSettings, known, { http: { port }, data: { directory: join(there, 'data') } })
  return {
    name, account, region, keyFile,
    tokens: 2_000n * token * BigInt(index + 1),
    run: openTerminal(runOrchestrator as Program, { STREAMFLOW_CONFIG: settingsFile }),
    server: new OperatorServer({ name, program: await getServerProgram(), folder: there, url, settings }),
    hot: { account: hotAccount, keyFile: hotFile, settings: { key: { file: hotFile, orchestrator: account.address } } },
  }
}

function createPerson({ folder, networkFile }: Place, name: string, tokens: bigint): Person {
  const key = generatePrivateKey()
  return { name, account: privateKeyToAccount(key), tokens, run: openTerminal(runStreamflow as Program, { STREAMFLOW_NETWORK: networkFile, STREAMFLOW_PRIVATE_KEY: key, STREAMFLOW_DIRECTORY: join(folder, name) }) }
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index))

/** Three orchestrators, five delegators, two broadcasters. @param place - where their keys, settings and ledgers lie */
export async function createPeople(place: Place): Promise<People> {
  return {
    orchestrators: await Promise.all(times(3, (index) => createOrchestrator(place, index))),
    delegators: times(5, (index) => createPerson(place, `delegator ${index + 1}`, (331n * token + 7n) * BigInt(index + 1))),
    broadcasters: times(2, (index) => createPerson(place, `broadcaster ${index + 1}`, 0n)),
  }
}
