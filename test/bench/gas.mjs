// Gas of the protocol's transactions, measured on anvil through the proxies of a real deployment, beside the figures of
// the deployed ancestor; and bond and reward with 10 and with 2,000 orchestrators, which must cost the same.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPublicClient, createTestClient, encodeFunctionData, hashTypedData, keccak256, http, numberToHex, parseEther, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { readArtifact } from '@streamflow/contracts/artifacts'
import { deploy } from '@streamflow/contracts/deploy'
import { findFreePort } from '../../examples/network/findFreePort.mjs'
import { LOCAL_DEPLOYER_KEY } from '../../contracts/deploy/localChain.mjs'
import { toolPath } from '../../contracts/scripts/forge.mjs'
import { domainOf, hashRand, types } from '../../contracts/scripts/typedData.mjs'

const FEW = 10
/** What nodes allow a call to use. */
const CALL_GAS = 50_000_000
const MANY = 2_000
/** Rows of the registry that the SDK asks for at once. */
const PAGE = 2_500
const BATCH = 10
const STAKE = parseEther('2000')
const FACE_VALUE = parseEther('0.01')
const START_TIMEOUT_MS = 15_000

/** The deployed ancestor's figures, measured through its proxies with a pool of 100 orchestrators where not said otherwise. */
const ANCESTOR = {
  redeemWarm: '185k-203k',
  batchMarginal: '78k',
  fundFirst: '108k',
  fundDepositAndReserve: '66k',
  bondAt10: '631k-647k',
  bondAt2000: '871k-1,128k at 100; +5.3k per further one',
  joinAt2000: '1,128k at 100',
  rewardAt10: '556k',
  rewardAt2000: '517k-1,037k at 100',
  unbond: '509k-750k',
  initializeRound: '237k-266k',
}

/** Measures, prints a table, returns the figures. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-gas-'))
  const port = await findFreePort(0)
  const anvil = spawn(toolPath('anvil'), ['--port', String(port), '--silent', '--gas-limit', '3000000000', '--prune-history', '100'])
  try {
    const rpcUrl = `http://127.0.0.1:${port}`
    const chain = await connect(rpcUrl)
    const { contracts } = await deploy({ rpcUrl, deployer: LOCAL_DEPLOYER_KEY, parameters: 'local', directory: folder })
    const figures = await measure({ chain, contracts })
    print(figures)
    return resultOf(figures)
  } finally {
    anvil.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure({ chain, contracts }) {
  const deployer = privateKeyToAccount(LOCAL_DEPLOYER_KEY).address
  const figures = {}
  const network = { chain, contracts, deployer, orchestrators: [] }
  await nextRound(network)
  await addOrchestrators(network, FEW)
  Object.assign(figures, await measureTickets(network))
  figures.initializeRound = await nextRound(network)
  Object.assign(figures, rename(await measureStake(network, network.orchestrators[1]), 'At10'))
  await addOrchestrators(network, MANY - network.orchestrators.length)
  await nextRound(network)
  Object.assign(figures, rename(await measureStake(network, network.orchestrators[MANY - 1]), 'At2000'))
  await addOrchestrators(network, PAGE - network.orchestrators.length)
  await nextRound(network)
  Object.assign(figures, await measureRegistry(network))
  return figures
}

/** A broadcaster with a session key pays the first orchestrator: first redemption of the round apart, then warm. */
async function measureTickets(network) {
  const { chain } = network
  const figures = {}
  const wallet = privateKeyToAccount(generatePrivateKey())
  const session = privateKeyToAccount(generatePrivateKey())
  await chain.client.setBalance({ address: wallet.address, value: parseEther('100') })
  const fund = () => send(network, wallet.address, 'ticketBroker', 'fundDepositAndReserve', [parseEther('5'), parseEther('4'), parseEther('1')], parseEther('10'))
  figures.fundFirst = await fund()
  figures.fundDepositAndReserve = await fund()
  const [recipient] = network.orchestrators
  figures.designateReserve = await send(network, wallet.address, 'ticketBroker', 'designateReserve', [[recipient], [parseEther('4')]])
  await nextRound(network)
  const context = await ticketContext(network, { wallet, session, recipient })
  figures.firstRedemption = await send(network, recipient, 'ticketBroker', 'redeemWithGrant', [await redemption(context), FACE_VALUE, context.signedGrant])
  figures.redeemWarm = await send(network, recipient, 'ticketBroker', 'redeem', [await redemption(context), FACE_VALUE])
  // The first winner of 256 nonces: no other shares its word.
  figures.redeemSparse = await send(network, recipient, 'ticketBroker', 'redeem', [await redemption({ ...context, nonce: 1_000_000n }), FACE_VALUE])
  const batch = async (size) => {
    const redemptions = await Promise.all(Array.from({ length: size }, () => redemption(context)))
    return send(network, recipient, 'ticketBroker', 'redeemBatch', [redemptions, redemptions.map(() => FACE_VALUE), []])
  }
  const second = await ticketContext(network, { wallet, session: privateKeyToAccount(generatePrivateKey()), recipient })
  figures.redeemNewSession = await send(network, recipient, 'ticketBroker', 'redeemWithGrant', [await redemption(second), FACE_VALUE, second.signedGrant])
  const one = await batch(1)
  figures.batchOfTen = await batch(BATCH)
  figures.batchMarginal = Math.round((figures.batchOfTen - one) / (BATCH - 1))
  await nextRound(network)
  context.round += 1n
  context.blockHash = await read(network, 'rounds', 'Rounds', 'blockHashForRound', [context.round])
  figures.redeemFirstOfRound = await send(network, recipient, 'ticketBroker', 'redeem', [await redemption(context), FACE_VALUE])
  const paid = await read(network, 'staking', 'Staking', 'pendingFees', [recipient])
  const expected = FACE_VALUE * BigInt(BATCH + 6)
  if (paid === 0n || paid > expected) throw new Error(`the recipient's fees are ${paid}, of ${expected} redeemed`)
  await chain.client.impersonateAccount({ address: wallet.address })
  figures.unlock = await send(network, wallet.address, 'ticketBroker', 'unlock', [])
  await nextRound(network)
  await nextRound(network)
  figures.withdraw = await send(network, wallet.address, 'ticketBroker', 'withdraw', [])
  return figures
}

/** A delegator bonds, adds, unbonds part; an orchestrator that rewarded before rewards; a new one joins. */
async function measureStake(network, orchestrator) {
  await send(network, orchestrator, 'staking', 'reward', [])
  await nextRound(network)
  const reward = await send(network, orchestrator, 'staking', 'reward', [])
  const delegator = await richAccount(network)
  const bond = await send(network, delegator, 'staking', 'bond', [STAKE / 4n, orchestrator])
  const bondMore = await send(network, delegator, 'staking', 'bond', [STAKE / 4n, orchestrator])
  await nextRound(network)
  const unbond = await send(network, delegator, 'staking', 'unbond', [STAKE / 8n])
  const newcomer = await richAccount(network)
  const join = await send(network, newcomer, 'staking', 'bond', [STAKE, newcomer])
  return { reward, bond, bondMore, unbond, join }
}

/**
 * Calls in which the SDK finds whom to ask among 5,000 (sdk/src/chain/registry.ts): the lists, pages of rows, the entries
 * of those who are picked. Its page is the first of these that stays within a node's limit.
 */
async function measureRegistry(network) {
  const { reader } = network.chain
  const { abi } = readArtifact('ServiceRegistry')
  for (const rows of [PAGE, PAGE / 2, PAGE / 4]) {
    const args = [0n, BigInt(rows), { services: 0n, regions: 0n, activeStake: 0n }]
    const registryPage = Number(await reader.estimateContractGas({ address: network.contracts.serviceRegistry, abi, functionName: 'rows', args, gas: 2n ** 40n }).catch(() => Number.POSITIVE_INFINITY))
    if (registryPage <= CALL_GAS) return { registryPage, registryCalls5000: 1 + Math.ceil(5_000 / rows) + 1 }
  }
  throw new Error('no page of the registry fits a call')
}

function rename(figures, suffix) {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${name}${suffix}`, value]))
}

async function ticketContext(network, { wallet, session, recipient }) {
  const { chain, contracts } = network
  const domain = domainOf(chain.id, contracts.ticketBroker)
  const round = await read(network, 'rounds', 'Rounds', 'lastInitializedRound', [])
  const blockHash = await read(network, 'rounds', 'Rounds', 'blockHashForRound', [round])
  const { timestamp } = await chain.reader.getBlock()
  const grant = { sender: wallet.address, key: session.address, spendCap: parseEther('5'), escrowCap: parseEther('1'), validUntil: timestamp + 86_400n, salt: generatePrivateKey() }
  const typed = { domain, types, primaryType: 'SessionGrant', message: grant }
  const signedGrant = { grant, signature: await wallet.signTypedData(typed) }
  return { domain, round, blockHash, session, sender: wallet.address, recipient, grantHash: hashTypedData(typed), signedGrant, nonce: 1_000n }
}

/** A ticket that wins with near certainty, of the sizes that real tickets have. */
async function redemption(context) {
  const recipientRand = BigInt(generatePrivateKey())
  context.nonce += 1n
  const ticket = {
    recipient: context.recipient,
    sender: context.sender,
    grant: context.grantHash,
    faceValue: FACE_VALUE,
    winProb: 2n ** 256n - 1n,
    nonce: context.nonce,
    recipientRandHash: hashRand(recipientRand),
    creationRound: context.round,
    creationRoundBlockHash: context.blockHash,
    feeShare: 250_000,
  }
  const signature = await context.session.signTypedData({ domain: context.domain, types, primaryType: 'Ticket', message: ticket })
  return { ticket, signature, recipientRand }
}

async function connect(rpcUrl) {
  const transport = http(rpcUrl, { timeout: 60_000, batch: { batchSize: 500 } })
  const reader = createPublicClient({ chain: foundry, transport, pollingInterval: 50 })
  const client = createTestClient({ chain: foundry, mode: 'anvil', transport })
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    try {
      return { reader, client, id: await reader.getChainId() }
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const CONTRACT_NAMES = { ticketBroker: 'TicketBroker', staking: 'Staking', rounds: 'Rounds', serviceRegistry: 'ServiceRegistry', token: 'StreamflowToken' }

/** Sends a transaction from an unlocked account and returns the gas it used. */
async function send(network, from, to, functionName, args, value = 0n) {
  const { reader, client } = network.chain
  await client.impersonateAccount({ address: from })
  await client.setBalance({ address: from, value: parseEther('1000') + value })
  const hash = await client.request({ method: 'eth_sendTransaction', params: [request(network, from, to, functionName, args, value)] })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  if (receipt.status !== 'success') {
    await reader.call({ account: from, to: network.contracts[to], data: encodeFunctionData({ abi: readArtifact(CONTRACT_NAMES[to]).abi, functionName, args }), value })
    throw new Error(`${functionName} reverted`)
  }
  return Number(receipt.gasUsed)
}

function request(network, from, to, functionName, args, value = 0n) {
  const data = encodeFunctionData({ abi: readArtifact(CONTRACT_NAMES[to]).abi, functionName, args })
  return { from, to: network.contracts[to], data, value: numberToHex(value), gas: numberToHex(5_000_000n) }
}

function read(network, name, contract, functionName, args) {
  return network.chain.reader.readContract({ address: network.contracts[name], abi: readArtifact(contract).abi, functionName, args })
}

/** An account with tokens that Staking may take. */
async function richAccount(network) {
  const { address } = privateKeyToAccount(generatePrivateKey())
  await send(network, network.deployer, 'token', 'transfer', [address, STAKE])
  await send(network, address, 'token', 'approve', [network.contracts.staking, STAKE])
  return address
}

/** Bonds and registers orchestrators, many to a block. */
async function addOrchestrators(network, count) {
  const { client } = network.chain
  const services = [keccak256(toHex('Transcoding'))]
  const regions = [toHex('eu-west', { size: 32 })]
  const added = Array.from({ length: count }, (_, index) => numberToHex(0x5f0000n + BigInt(network.orchestrators.length + index), { size: 20 }))
  await client.setAutomine(false)
  await client.request({ method: 'anvil_autoImpersonateAccount', params: [true] })
  const first = await network.chain.reader.getTransactionCount({ address: network.deployer })
  const steps = [
    (address, index) => ({ ...request(network, network.deployer, 'token', 'transfer', [address, STAKE]), nonce: numberToHex(first + index) }),
    (address) => ({ ...request(network, address, 'token', 'approve', [network.contracts.staking, STAKE]), nonce: '0x0' }),
    (address) => ({ ...request(network, address, 'staking', 'bond', [STAKE, address]), nonce: '0x1' }),
    (address) => ({ ...request(network, address, 'staking', 'scheduleCommission', [100_000, 250_000]), nonce: '0x2' }),
    (address) => ({ ...request(network, address, 'serviceRegistry', 'register', ['https://orchestrator.example:8443', services, regions]), nonce: '0x3' }),
  ]
  await Promise.all(added.map((address) => client.setBalance({ address, value: parseEther('1000') })))
  for (const step of steps) {
    await Promise.all(added.map((address, index) => client.request({ method: 'eth_sendTransaction', params: [step(address, index)] })))
    await client.mine({ blocks: 1 })
  }
  await client.setAutomine(true)
  network.orchestrators.push(...added)
  const registered = await read(network, 'serviceRegistry', 'ServiceRegistry', 'count', [])
  if (registered !== BigInt(network.orchestrators.length)) throw new Error(`${registered} of ${network.orchestrators.length} orchestrators registered`)
}

/** Moves to the next round and initializes it. */
async function nextRound(network) {
  const { client } = network.chain
  const [, , end] = await read(network, 'rounds', 'Rounds', 'currentRoundState', [])
  const { timestamp } = await network.chain.reader.getBlock()
  if (timestamp < end && (await read(network, 'rounds', 'Rounds', 'lastInitializedRound', [])) !== 0n) {
    await client.setNextBlockTimestamp({ timestamp: end })
    await client.mine({ blocks: 1 })
  }
  return send(network, network.deployer, 'rounds', 'initializeRound', [])
}

function print(figures) {
  const rows = [
    ['redeem, warm', 'redeemWarm', '<= 110,000'],
    ['batch of 10, each further ticket', 'batchMarginal', '<= 45,000'],
    ['redeem, first winner of its 256 nonces', 'redeemSparse', '<= 110,000'],
    ['redeem, first of a round (network-wide)', 'redeemFirstOfRound'],
    ['redeem with grant, first of all of sender and recipient', 'firstRedemption'],
    ['redeem with grant, first of a new session key', 'redeemNewSession'],
    ['batch of 10', 'batchOfTen'],
    ['fund deposit, reserve and escrow, first', 'fundFirst'],
    ['fund deposit, reserve and escrow, top-up', 'fundDepositAndReserve'],
    ['designate reserve to one', 'designateReserve'],
    ['unlock', 'unlock'],
    ['withdraw', 'withdraw'],
    ['bond, 10 orchestrators', 'bondAt10'],
    ['bond, 2,000 orchestrators', 'bondAt2000'],
    ['bond more, 10 / 2,000', 'bondMoreAt10', undefined, 'bondMoreAt2000'],
    ['new orchestrator joins 10', 'joinAt10'],
    ['new orchestrator joins 2,000', 'joinAt2000'],
    ['reward, 10 orchestrators', 'rewardAt10'],
    ['reward, 2,000 orchestrators', 'rewardAt2000'],
    ['unbond part, 10 / 2,000', 'unbondAt10', undefined, 'unbondAt2000'],
    ['initialize round', 'initializeRound'],
    ['one page of the registry (a view)', 'registryPage', '<= 50,000,000'],
    ['calls to find whom to ask among 5,000', 'registryCalls5000', '<= 4'],
  ]
  console.log('Gas through the proxies')
  console.table(rows.map(([what, name, target = '', second]) => ({ what, gas: [name, second].filter(Boolean).map((key) => figures[key].toLocaleString('en')).join(' / '), target, ancestor: ANCESTOR[name] ?? ANCESTOR[name.replace(/At10$/, '')] ?? '' })))
}

function resultOf(figures) {
  const { redeemWarm, redeemSparse, batchMarginal, fundDepositAndReserve, bondAt10, bondAt2000, rewardAt10, rewardAt2000, unbondAt10: unbond, firstRedemption, redeemNewSession, redeemFirstOfRound, registryPage, registryCalls5000 } = figures
  return { name: 'gas', redeemWarm, redeemSparse, batchMarginal, fundDepositAndReserve, bondAt10, bondAt2000, rewardAt10, rewardAt2000, unbond, firstRedemption, redeemNewSession, redeemFirstOfRound, registryPage, registryCalls5000 }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
