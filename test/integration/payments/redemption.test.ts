// Winners become ether on a real chain: anvil with the real contracts, the real ledger file, the real adapter.
import { createPrivateKey, hashQuote, hashReceipt, recoverAddress, services, type SignedQuote } from '@streamflow/sdk/payments'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { ChainRig, face, until } from '../../payments/ChainRig.js'
import { randomHex, someInput, someOutputs } from '../../payments/makeTill.js'
import { SimulatedBroadcaster } from '../../payments/SimulatedBroadcaster.js'

type Hex = `0x${string}`
const pixels = 1_000_000n
const certain = (1n << 256n) - 1n

let rig: ChainRig

beforeAll(async () => {
  rig = await ChainRig.start()
})
afterAll(() => rig?.close())

describe('redemption', () => {
  it('initializes the round, registers the grant and pays one winner', async () => {
    const desk = await rig.openDesk()
    const { broadcaster, account } = await rig.openStream(desk)
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await rig.untilConfirmed(desk, 1)
    expect(await rig.readDeposit(broadcaster.grant.sender)).toBe(face * 19n)
    expect(await rig.readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
  })

  it('pays winners of several senders in one transaction, through the endpoint that answers', async () => {
    const dead = `http://127.0.0.1:${await findFreePort(0)}`
    const desk = await rig.openDesk({ rpcUrls: [dead, rig.rpcUrl] })
    const streams = [await rig.openStream(desk), await rig.openStream(desk), await rig.openStream(desk)]
    await Promise.all(streams.map(({ broadcaster, account }) => account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })))
    await rig.untilConfirmed(desk, 3)
    expect(await rig.readFees(desk.signer.address)).toBe(face * 3n)
    await desk.cashier.close()
  })

  it('bids more with the same nonce when nothing is mined', async () => {
    const desk = await rig.openDesk()
    const { broadcaster, account } = await rig.openStream(desk)
    await rig.testClient.setIntervalMining({ interval: 0 })
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    rig.passInterval()
    // Blocks stand still, so the cashier is driven by hand.
    const versions = await until('a replacement', async () => {
      await desk.cashier.redeem()
      const hashes = desk.ledger.getTransactions()[0]?.hashes ?? []
      return hashes.length >= 2 ? hashes : undefined
    })
    const [last] = desk.ledger.getTransactions()
    await rig.testClient.setIntervalMining({ interval: 1 })
    await rig.untilConfirmed(desk, 1)
    expect(new Set(versions).size).toBe(versions.length)
    expect(await rig.client.getTransactionCount({ address: desk.signer.address })).toBe((last?.nonce ?? 0) + 1)
    expect(await rig.readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
  })

  it('goes on after a restart in the middle of a redemption', async () => {
    const key = createPrivateKey()
    const desk = await rig.openDesk({ key })
    const { broadcaster, account } = await rig.openStream(desk)
    await rig.testClient.setIntervalMining({ interval: 0 })
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    rig.passInterval()
    await until('a submission', async () => {
      await desk.cashier.redeem()
      return desk.ledger.getWinners(['submitted']).length === 1
    })
    await desk.cashier.close()
    const next = await rig.openDesk({ key, path: desk.path })
    await rig.testClient.setIntervalMining({ interval: 1 })
    await rig.untilConfirmed(next, 1)
    expect(await rig.readFees(next.signer.address)).toBe(face)
    await next.cashier.close()
  })

  it('is by a hot key for the cold account that it signs for: quotes, receipts, transactions are the one’s, the fees the other’s', async () => {
    const cold = randomHex(20)
    const desk = await rig.openDesk({ cold })
    await rig.setSigner(cold, desk.signer.address)
    const { broadcaster, account } = await rig.openStream(desk)
    expect(broadcaster.quote).toMatchObject({ recipient: cold })
    expect(recoverAddress(hashQuote(rig.domain, broadcaster.quote as SignedQuote), (broadcaster.quote as SignedQuote).signature)).toBe(desk.signer.address)
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    const { receipt } = await account.settleSegment({ seq: 0, attempt: 0, pixels, inputHash: someInput, outputs: someOutputs })
    await rig.untilConfirmed(desk, 1)
    expect(await rig.readFees(cold)).toBe(face)
    expect(await rig.readFees(desk.signer.address)).toBe(0n)
    expect(await rig.client.getTransactionCount({ address: desk.signer.address })).toBeGreaterThan(0)
    expect(await rig.client.getTransactionCount({ address: cold }), 'but for naming its signer it did nothing').toBe(1)
    expect(receipt.orchestrator).toBe(cold)
    expect(recoverAddress(hashReceipt(rig.domain, receipt), receipt.signature)).toBe(desk.signer.address)
    await desk.cashier.close()
  })

  it('takes the word of a smart account for its session key once the broker has it, and the broker does too', async () => {
    const desk = await rig.openDesk()
    const wallet = randomHex(20)
    // PUSH32 0x1626ba7e… MSTORE, RETURN: says yes to whatever it is asked.
    await rig.testClient.setCode({ address: wallet, bytecode: `0x7f1626ba7e${'00'.repeat(28)}60005260206000f3` })
    await rig.fund(wallet, face * 2n)
    const account = { address: wallet, sign: (): Hex => '0x1234' }
    const broadcaster = new SimulatedBroadcaster({ domain: rig.domain, recipient: desk.signer.address, wallet: account, sessionKey: createNativeSigner(createPrivateKey()), streamId: randomHex(32), validUntil: Math.floor(Date.now() / 1_000) + 86_400 })
    broadcaster.quote = await desk.cashier.quote({ sender: wallet, serviceId: services.Transcoding })
    // It may say yes now and no at redemption: what counts is what the broker was told.
    await expect(desk.cashier.openStream(broadcaster.terms)).rejects.toMatchObject({ code: 'GrantInvalid' })
    await rig.registerGrant(broadcaster.grant)
    const stream = await desk.cashier.openStream(broadcaster.terms)
    await stream.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await rig.untilConfirmed(desk, 1)
    expect(await rig.readDeposit(wallet)).toBe(face)
    await desk.cashier.close()
  })
})
