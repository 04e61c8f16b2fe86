// The chain in memory, on which models and unit tests lean, and the real broker behind its adapter pass the same tests.
import { ticketBrokerAbi } from '@streamflow/contracts'
import { computeRandHash, createPrivateKey, hashGrant, hashTicket, type Domain, type KeySigner } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import { createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeLocalChain } from '../../../examples/network/startChain.mjs'
import { createChain } from '../../../orchestrator/src/adapters/chain/createChain.js'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import type { Chain, Redemption, RedemptionChain } from '../../../orchestrator/src/core/cashier/chain.js'
import { ChainRig, until } from '../../payments/ChainRig.js'
import { randomHex, testDomain } from '../../payments/makeTill.js'
import { MemoryChain } from '../../payments/MemoryChain.js'

type Hex = `0x${string}`

const face = 10n ** 15n
const certain = (1n << 256n) - 1n
const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

/** A chain, and how somebody puts up funds there. */
interface Ground {
  readonly chain: Chain & RedemptionChain
  readonly domain: Domain
  readonly recipient: Hex
  fund(key: Uint8Array, funds: { readonly deposit: bigint; readonly escrow: bigint }): Promise<void>
  close(): Promise<void>
}

async function startInMemory(): Promise<Ground> {
  const recipient = createNativeSigner(createPrivateKey()).address
  const chain = new MemoryChain({ domain: testDomain, orchestrator: recipient, now: () => Date.now() / 1_000 })
  return { chain, domain: testDomain, recipient, fund: async (key, funds) => chain.fund(createNativeSigner(key).address, funds), close: async () => undefined }
}

async function startReal(): Promise<Ground> {
  const rig = await ChainRig.start({ roundLengthSeconds: 86_400 })
  const { contracts, rpcUrl, domain } = rig
  const signer = createNativeSigner(createPrivateKey())
  await rig.testClient.setBalance({ address: signer.address, value: parseEther('10') })
  return {
    chain: createChain({ chainId: 31_337, rpcUrls: [rpcUrl], contracts, signer, orchestrator: signer.address, pollIntervalMs: 200, confirmations: 0, onTrouble: () => undefined }),
    domain,
    recipient: signer.address,
    async fund(key, { deposit, escrow }) {
      const account = privateKeyToAccount(toHex(key))
      await rig.testClient.setBalance({ address: account.address, value: parseEther('1') })
      const wallet = createWalletClient({ account, chain: describeLocalChain(rpcUrl), transport: http(rpcUrl) })
      const hash = await wallet.writeContract({ address: contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'fundDepositAndReserve', args: [deposit, 0n, escrow], value: deposit + escrow })
      await rig.client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
    },
    close: () => rig.close(),
  }
}

describe.each([['in memory', startInMemory], ['behind the adapter', startReal]] as const)('the chain %s', (_name, start) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await start()
  })
  afterAll(() => ground?.close())

  /** Somebody with funds and a session key, and the tickets of that. */
  async function makeSender({ deposit = 10n * face, escrow = 0n, spendCap = 100n * face, escrowCap = spendCap }: { readonly deposit?: bigint; readonly escrow?: bigint; readonly spendCap?: bigint; readonly escrowCap?: bigint } = {}) {
    const { chain, domain, recipient } = ground
    const key = createPrivateKey()
    const [wallet, session]: readonly KeySigner[] = [createNativeSigner(key), createNativeSigner(createPrivateKey())]
    if (wallet === undefined || session === undefined) throw new Error('no keys')
    await ground.fund(key, { deposit, escrow })
    const { redeemable } = await until('a round', async () => {
      const state = await chain.readState()
      return state.redeemable.length > 0 && state
    })
    const [round] = redeemable
    const terms = { sender: wallet.address, key: session.address, spendCap, escrowCap, validUntil: Math.floor(Date.now() / 1_000) + 86_400, salt: randomHex(32) }
    const grantHash = toHex(hashGrant(domain, terms))
    const grant: SignedGrant = { ...terms, signature: wallet.sign(hashGrant(domain, terms)) }
    const win = (nonce: bigint, { winProb = certain, signer = session, rand = Buffer.from(createPrivateKey()) }: { readonly winProb?: bigint; readonly signer?: KeySigner; readonly rand?: Uint8Array } = {}): Redemption => {
      const commitment = toHex(computeRandHash(rand))
      const ticket = { recipient, sender: wallet.address, grant: grantHash, faceValue: face, winProb, nonce, recipientRandHash: commitment, creationRound: round!.round, creationRoundBlockHash: round!.blockHash, feeShare: 0 }
      const digest = hashTicket(domain, ticket)
      return { ticket, ticketHash: toHex(digest), signature: signer.sign(digest), recipientRand: toHex(rand), grant }
    }
    return { win, readStanding: () => chain.readStanding(wallet.address, grantHash, session.address) }
  }
  const forecast = async (redemption: Redemption, minPayout = face) => {
    const [answer] = await ground.chain.forecast([redemption], [minPayout])
    return answer !== undefined && 'paid' in answer ? answer.paid : answer?.error
  }
  /** Sends, and waits until it is mined. */
  const send = async (redemptions: readonly Redemption[], { minPayout = face, isPunishing = false } = {}): Promise<void> => {
    const { chain } = ground
    const [{ latest: nonce }, fees] = [await chain.readNonces(), await chain.readMarket()]
    await chain.send({ nonce, fees, isReplacement: false, redemptions, minPayouts: redemptions.map(() => minPayout), isPunishing })
    await until('the transaction', async () => (await chain.readNonces()).latest > nonce)
  }
  const readPaid = async (redemption: Redemption) => (await ground.chain.readPaid([redemption]))[0]?.latest

  it('shows what was put up, and nothing of a grant that was not used', async () => {
    const { readStanding } = await makeSender({ deposit: 3n * face, escrow: 2n * face })
    expect(await readStanding()).toMatchObject({ deposit: 3n * face, escrow: 2n * face, claimableReserve: 0n, withdrawRound: 0n, grantSpent: 0n, grantBurned: 0n, grantRegistered: false, revocationRound: 0n })
  })

  it('pays a winner from the deposit, once, and another of the same nonce never', async () => {
    const { win, readStanding } = await makeSender()
    const winner = win(7n)
    expect([await forecast(winner), await readPaid(winner)]).toEqual([face, 0n])
    await send([winner])
    expect(await readPaid(winner)).toBe(face)
    expect(await readStanding()).toMatchObject({ deposit: 9n * face, grantSpent: face, grantRegistered: true })
    expect([await forecast(winner), await forecast(win(7n)), await forecast(win(8n))]).toEqual(['TicketBrokerTicketSpent', 'TicketBrokerTicketSpent', face])
  })

  it('pays several of one grant in one transaction, and passes over what cannot be paid', async () => {
    const { win, readStanding } = await makeSender({ deposit: 2n * face })
    const winners = [win(1n), win(2n), win(3n)]
    await send(winners)
    expect(await Promise.all(winners.map(readPaid))).toEqual([face, face, 0n])
    expect(await readStanding()).toMatchObject({ deposit: 0n, grantSpent: 2n * face })
  })

  it('pays no less than is asked for; what was paid in part stays good for the rest', async () => {
    const { win } = await makeSender({ deposit: face / 4n })
    const winner = win(1n)
    expect([await forecast(winner), await forecast(winner, 1n)]).toEqual(['TicketBrokerPayoutTooLow', face / 4n])
    await send([winner], { minPayout: 1n })
    expect([await readPaid(winner), await forecast(winner, 1n)]).toEqual([face / 4n, 'TicketBrokerPayoutTooLow'])
  })

  it('takes no more from the deposit than the grant allows', async () => {
    const { win, readStanding } = await makeSender({ spendCap: face / 2n })
    const winner = win(1n)
    expect(await forecast(winner)).toBe('TicketBrokerPayoutTooLow')
    await send([winner], { minPayout: 1n })
    expect(await readStanding()).toMatchObject({ deposit: 10n * face - face / 2n, grantSpent: face / 2n })
  })

  it('burns escrow for what is missing, up to what the grant lets burn, once, and rewards whoever does it', async () => {
    const { win, readStanding } = await makeSender({ deposit: face / 4n, escrow: 5n * face, escrowCap: face })
    const winner = win(1n)
    const { paid, reward } = await ground.chain.forecastPenalty([winner])
    expect(paid).toEqual([face / 4n])
    expect(reward).toBeGreaterThanOrEqual((face * 3n) / 40n) // a tenth of what burns
    await send([winner], { isPunishing: true })
    const after = { deposit: 0n, escrow: 5n * face - (face * 3n) / 4n, grantBurned: (face * 3n) / 4n }
    expect(await readStanding()).toMatchObject(after)
    expect(await ground.chain.forecastPenalty([winner])).toEqual({ paid: [0n], reward: 0n })
    // Of the next one's face value, only what is left of the cap burns.
    await send([win(2n)], { isPunishing: true })
    expect(await readStanding()).toMatchObject({ escrow: 4n * face, grantBurned: face })
  })

  it('refuses what did not win, what another key signed, and a number that was not committed to', async () => {
    const { win } = await makeSender()
    const winner = win(1n)
    const stranger = createNativeSigner(createPrivateKey())
    const answers = [await forecast(win(2n, { winProb: 1n })), await forecast(win(3n, { signer: stranger })), await forecast({ ...winner, recipientRand: randomHex(32) })]
    expect(answers).toEqual(['TicketBrokerTicketLost', 'TicketBrokerGrantUnknown', 'TicketBrokerWrongRecipientRand'])
  })
})
