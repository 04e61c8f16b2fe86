// Everything that can be read of a deployment: what views without arguments say, and what the others say of every account, id
// and round that an event names. So what somebody owns is compared as well as what governance set.
import { createPublicClient, http, parseEventLogs } from 'viem'
import { readArtifact } from './artifacts.mjs'
import { PROXIED } from './plan.mjs'
import { readLogs } from './readLogs.mjs'

/** Views of this many rounds back are read. */
const ROUNDS = 4n
/** Readings of one state: a bound on what a rehearsal asks of an endpoint. */
const MOST_READINGS = 50_000
/** What an upgrade is to change. */
const CHANGING = new Set(['proxiableUUID', 'UPGRADE_INTERFACE_VERSION'])
/** Inputs of pages: from the first entry on. */
const PAGE = { cursor: 0n, limit: 100n }
/** Calls under way at once. */
const AT_ONCE = 200

/**
 * @param {object} options
 * @param {string} options.rpcUrl
 * @param {{ contracts: Record<string, `0x${string}`>, deployedAtBlock?: number }} options.deployment
 * @param {bigint} [options.blockNumber] - as of which; default the latest
 * @returns {Promise<Map<string, string>>} what each call says, or that it is refused, by the call as it would be written
 */
export async function readState({ rpcUrl, deployment, blockNumber }) {
  const client = createPublicClient({ transport: http(rpcUrl, { batch: { batchSize: 100 } }) })
  const at = blockNumber ?? (await client.getBlockNumber({ cacheTime: 0 }))
  const contracts = Object.entries({ ...PROXIED, token: 'StreamflowToken' }).map(([name, contract]) => ({ name, address: deployment.contracts[name], abi: readArtifact(contract).abi }))
  const logs = await readLogs(client, { address: contracts.map(({ address }) => address), fromBlock: BigInt(deployment.deployedAtBlock ?? 0), toBlock: at })
  const { address: rounds, abi } = contracts.find(({ name }) => name === 'rounds')
  const currentRound = await client.readContract({ address: rounds, abi, functionName: 'currentRound', blockNumber: at })
  const named = collectNamed(contracts, logs, currentRound)
  const calls = contracts.flatMap((contract) => listCalls(contract, named))
  if (calls.length > MOST_READINGS) throw new Error(`there is too much to read: ${calls.length} calls`)
  const state = new Map()
  for (const { name, address } of contracts) state.set(`${name}: wei`, String(await client.getBalance({ address, blockNumber: at })))
  for (let first = 0; first < calls.length; first += AT_ONCE) {
    const some = calls.slice(first, first + AT_ONCE)
    const answers = await Promise.all(some.map((call) => ask(client, call, at)))
    some.forEach(({ title }, index) => state.set(title, answers[index]))
  }
  return state
}

/** @returns {string[]} what is not the same in both, in words */
export function compareStates(before, after) {
  return [...before].flatMap(([title, said]) => (after.get(title) === said ? [] : [`${title} (${said} → ${after.get(title)})`]))
}

async function ask(client, { address, item, args }, blockNumber) {
  try {
    return stringify(await client.readContract({ address, abi: [item], functionName: item.name, args, blockNumber }))
  } catch (error) {
    if (!/revert/i.test(error.message)) throw error
    return 'refused'
  }
}

const stringify = (value) => JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))

/** Values that events name: each event's by their names, and all of one type. */
function collectNamed(contracts, logs, currentRound) {
  const sets = { address: new Set(contracts.map(({ address }) => address)), bytes32: new Set() }
  const events = parseEventLogs({ abi: contracts.flatMap(({ abi }) => abi.filter(({ type }) => type === 'event')), logs }).map(({ args }) => args ?? {})
  for (const args of events) {
    for (const value of Object.values(args).flat()) {
      if (typeof value !== 'string') continue
      if (/^0x[0-9a-fA-F]{40}$/.test(value)) sets.address.add(value)
      if (/^0x[0-9a-fA-F]{64}$/.test(value)) sets.bytes32.add(value)
    }
  }
  const oldest = currentRound > ROUNDS ? currentRound - ROUNDS : 0n
  const rounds = Array.from({ length: Number(currentRound - oldest) + 1 }, (_, index) => oldest + BigInt(index))
  return { sets, events, rounds }
}

function listCalls({ name, address, abi }, named) {
  return abi
    .filter(({ type, stateMutability, name: view }) => type === 'function' && stateMutability === 'view' && !CHANGING.has(view))
    .flatMap((item) => {
      const calls = new Map(listArguments(item.inputs, named).map((args) => [`${name}.${item.name}(${args.join(', ')})`, args]))
      return [...calls].map(([title, args]) => ({ title, address, item, args }))
    })
}

const isRound = ({ type, name }) => type === 'uint256' && /round$/i.test(name)

/** What a view is asked of: all values of the type where it takes one; else what an event names together, in each round. */
function listArguments(inputs, { sets, events, rounds }) {
  const others = inputs.filter((input) => !isRound(input))
  const [only] = others
  let rows
  if (others.length === 0) rows = [{}]
  else if (others.every(({ name }) => name in PAGE)) rows = [PAGE]
  else if (others.length === 1 && only.type in sets) rows = [...sets[only.type]].map((value) => ({ [only.name]: value }))
  else rows = events.filter((args) => others.every(({ name }) => name in args))
  const inRounds = inputs.some(isRound) ? rounds : [undefined]
  return rows.flatMap((row) => inRounds.map((round) => inputs.map((input) => (isRound(input) ? round : row[input.name]))))
}
