// A sender that has an accomplice: what it owes is paid to the accomplice first, from its deposit or within its session
// key's cap. What the orchestrator is owed comes from the reserve designated to it, or burns escrow.
import { roundsAbi, stakingAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { createPrivateKey, hashTicket, services } from '@streamflow/sdk/payments'
import { createWalletClient, http, keccak256, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLocalChain } from '../../../examples/network/startChain.mjs'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { ChainRig, face, until, type Desk } from '../../payments/ChainRig.js'
import { randomHex, someInput, someOutputs } from '../../payments/makeTill.js'
import { SimulatedBroadcaster, type BroadcasterOptions } from '../../payments/SimulatedBroadcaster.js'

type Hex = `0x${string}`
const pixels = 1_000_000n
const certain = (1n << 256n) - 1n
const roundSeconds = 86_400
let rig: ChainRig

beforeAll(async () => {
  rig = await ChainRig.start({ roundLengthSeconds: roundSeconds })
})
afterAll(() => rig?.close())

/** A wallet with ether, and a way to send with it. */
async function makePerson() {
  const key = createPrivateKey()
  const account = privateKeyToAccount(`0x${Buffer.from(key).toString('hex')}`)
  await rig.testClient.setBalance({ address: account.address, value: parseEther('10') })
  const client = createWalletClient({ account, chain: describeLocalChain(rig.rpcUrl), transport: http(rig.rpcUrl) })
  const write = async (request: object): Promise<void> => {
    const hash = await client.writeContract(request as never)
    expect((await rig.client.waitForTransactionReceipt({ hash, pollingInterval: 100 })).status).toBe('success')
  }
  return { address: account.address.toLowerCase() as Hex, signer: createNativeSigner(key), write }
}
type Person = Awaited<ReturnType<typeof makePerson>>

const broker = () => ({ address: rig.contracts.ticketBroker, abi: ticketBrokerAbi }) as const
const readInfo = (sender: Hex) => rig.client.readContract({ ...broker(), functionName: 'senderInfo', args: [sender] })

/** What the sender puts up; the reserve stands for the desk from the next round on. */
async function putUp(person: Person, desk: Desk, { deposit, reserve, escrow }: { readonly deposit: bigint; readonly reserve: bigint; readonly escrow: bigint }): Promise<void> {
  await person.write({ ...broker(), functionName: 'fundDepositAndReserve', args: [deposit, reserve, escrow], value: deposit + reserve + escrow })
  if (reserve === 0n) return
  await person.write({ ...broker(), functionName: 'designateReserve', args: [[desk.signer.address], [reserve]] })
  await pass(roundSeconds)
}

/** Time goes by for everybody. */
async function pass(seconds: number): Promise<void> {
  rig.shift += seconds
  await rig.testClient.setNextBlockTimestamp({ timestamp: BigInt(Math.floor(rig.now())) })
  await rig.testClient.mine({ blocks: 1 })
}

/** A broadcaster with a quote and an open stream. */
async function openStream(desk: Desk, wallet: BroadcasterOptions['wallet'], change: Partial<BroadcasterOptions> = {}) {
  const broadcaster = new SimulatedBroadcaster({
    domain: rig.domain,
    recipient: desk.signer.address,
    wallet,
    sessionKey: createNativeSigner(createPrivateKey()),
    streamId: randomHex(32),
    salt: randomHex(32),
    validUntil: Math.floor(rig.now()) + 4 * roundSeconds,
    ...change,
  })
  broadcaster.quote = await until('a quote of this round', () => desk.cashier.quote({ sender: wallet.address, serviceId: services.Transcoding }).catch(() => undefined))
  return { broadcaster, account: await desk.cashier.openStream(broadcaster.terms) }
}

/** A ticket of the sender to an accomplice, sure to win, redeemed by the accomplice. */
async function drain({ quote, grant, options, grantHash }: SimulatedBroadcaster, accomplice: Person, faceValue: bigint): Promise<void> {
  const rand = BigInt(randomHex(32))
  const { creationRound, creationRoundBlockHash } = quote!
  const ticket = {
    recipient: accomplice.address, sender: grant.sender, grant: grantHash, faceValue, winProb: certain, nonce: BigInt(randomHex(8)),
    recipientRandHash: keccak256(`0x${rand.toString(16).padStart(64, '0')}`), creationRound, creationRoundBlockHash, feeShare: 0,
  }
  const { signature: walletSignature, ...fields } = grant
  const signed = { grant: { ...fields, validUntil: BigInt(fields.validUntil) }, signature: walletSignature }
  await accomplice.write({ ...broker(), functionName: 'redeemWithGrant', args: [{ ticket, signature: options.sessionKey.sign(hashTicket(rig.domain, ticket)), recipientRand: rand }, faceValue, signed] })
}

it('whose session key has spent its cap elsewhere still pays from the reserve that stands for the winner', async () => {
  const desk = await rig.openDesk({ policy: { minimumEscrow: face } })
  const [sender, accomplice] = [await makePerson(), await makePerson()]
  await putUp(sender, desk, { deposit: face * 2n, reserve: face * 4n, escrow: face * 4n })
  for (let times = 1; times <= 2; times++) {
    const { broadcaster, account } = await openStream(desk, sender.signer, { spendCap: face, escrowCap: face * 4n })
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    const { quote } = await account.settleSegment({ seq: 0, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })
    expect(quote).toBeUndefined() // nothing tells the sender that it lost
    await drain(broadcaster, accomplice, face)
    await rig.untilConfirmed(desk, times)
    expect(await rig.readFees(desk.signer.address)).toBe(face * BigInt(times))
    // The accomplice hands back what it got.
    await accomplice.write({ address: rig.contracts.staking, abi: stakingAbi, functionName: 'withdrawFees', args: [accomplice.address, face] })
    await accomplice.write({ ...broker(), functionName: 'fundDepositFor', args: [sender.address], value: face })
  }
  expect(desk.ledger.getWinners(['dead'])).toEqual([])
  expect(await readInfo(sender.address)).toMatchObject({ deposit: face * 2n, reserve: face * 2n, escrow: face * 4n })
  await desk.cashier.close()
})

it('whose deposit is gone has escrow burned for what is missing: cheating costs what it saves', async () => {
  const desk = await rig.openDesk({ policy: { minimumEscrow: face } })
  const [sender, accomplice] = [await makePerson(), await makePerson()]
  await putUp(sender, desk, { deposit: face, reserve: 0n, escrow: face * 4n })
  const { broadcaster, account } = await openStream(desk, sender.signer, { spendCap: face * 9n })
  await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
  await drain(broadcaster, accomplice, face)
  await until('the reason why it waits', () => desk.ledger.getWinners(['pending'])[0]?.reason === 'TicketBrokerPayoutTooLow')
  expect((await readInfo(sender.address)).escrow).toBe(face * 4n) // there is time: funds may come
  const [winner] = desk.ledger.getWinners(['pending'])
  // Into the last tenth of the ticket's life.
  const end = await rig.client.readContract({ address: rig.contracts.rounds, abi: roundsAbi, functionName: 'roundStart', args: [winner!.ticket.creationRound + 2n] })
  await pass(Math.floor(Number(end) - roundSeconds / 5 - rig.now()))
  await until('the penalty', async () => (await readInfo(sender.address)).escrow === face * 3n)
  await desk.cashier.close()
})

it('is owed nothing by a smart account that takes back its word, for that counted only once the broker had it', async () => {
  const desk = await rig.openDesk({ policy: { minimumEscrow: face } })
  const sender = await makePerson() // an account of its own that gets code, as EIP-7702 has it
  await putUp(sender, desk, { deposit: face * 2n, reserve: 0n, escrow: face * 4n })
  const [saysYes, saysNo]: readonly Hex[] = [`0x7f1626ba7e${'00'.repeat(28)}60005260206000f3`, '0x60006000fd']
  await rig.testClient.setCode({ address: sender.address, bytecode: saysYes! })
  const wallet = { address: sender.address, sign: (): Hex => '0x1234' }
  const byContract = new SimulatedBroadcaster({ domain: rig.domain, recipient: desk.signer.address, wallet, sessionKey: createNativeSigner(createPrivateKey()), streamId: randomHex(32), salt: randomHex(32), validUntil: Math.floor(rig.now()) + roundSeconds })
  byContract.quote = await until('a quote', () => desk.cashier.quote({ sender: sender.address, serviceId: services.Transcoding }).catch(() => undefined))
  await expect(desk.cashier.openStream(byContract.terms)).rejects.toMatchObject({ code: 'GrantInvalid' })
  await rig.registerGrant(byContract.grant)
  const account = await desk.cashier.openStream(byContract.terms)
  byContract.quote = await desk.cashier.quote({ sender: sender.address, serviceId: services.Transcoding })
  await account.openSegment({ seq: 0, attempt: 0, ticket: byContract.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
  // What its own key signed is good without, whatever its code says later.
  const byKey = await openStream(desk, sender.signer)
  await byKey.account.openSegment({ seq: 0, attempt: 0, ticket: byKey.broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
  await rig.testClient.setCode({ address: sender.address, bytecode: saysNo! })
  await rig.untilConfirmed(desk, 2)
  expect(await rig.readFees(desk.signer.address)).toBe(face * 2n)
  await desk.cashier.close()
})
