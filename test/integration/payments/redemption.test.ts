// Winners become ether on a real chain: anvil with the real contracts, the real ledger file, the real adapter.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPrivateKey, services } from '@streamflow/sdk/payments'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { ChainRig, face, until, type Desk } from '../../payments/ChainRig.js'
import { randomHex } from '../../payments/makeTill.js'
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

  it('redeems again what a reorg undid', async () => {
    const desk = await rig.openDesk()
    const { broadcaster, account } = await rig.openStream(desk)
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    const snapshot = await rig.testClient.snapshot()
    await until('a payment', async () => (await rig.readDeposit(broadcaster.grant.sender)) === face * 19n)
    await rig.testClient.revert({ id: snapshot })
    await rig.untilConfirmed(desk, 1)
    expect(await rig.readDeposit(broadcaster.grant.sender)).toBe(face * 19n)
    expect(await rig.readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
  })

  it('goes on after a restart in the middle of a redemption', async () => {
    const key = createPrivateKey()
    const desk = await rig.openDesk({ key })
    const { broadcaster, account } = await rig.openStream(desk)
    await rig.testClient.setIntervalMining({ interval: 0 })
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
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

  it('holds the ticket of a sender that spent its deposit twice until there is something to pay it from', async () => {
    const [first, second] = [await rig.openDesk(), await rig.openDesk()]
    const { broadcaster, account } = await rig.openStream(first, face)
    const other = new SimulatedBroadcaster({ ...broadcaster.options, recipient: second.signer.address, streamId: randomHex(32) })
    other.quote = await second.cashier.quote({ sender: other.grant.sender, serviceId: services.Transcoding })
    const otherAccount = await second.cashier.openStream(other.terms)
    const open = (stream: typeof account, payer: SimulatedBroadcaster) => stream.openSegment({ seq: 0, attempt: 0, ticket: payer.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await Promise.all([open(account, broadcaster), open(otherAccount, other)])
    const [lucky, unlucky] = await until('one payment', () => {
      const paid = [first, second].filter(({ ledger }) => ledger.getWinners(['confirmed']).length === 1)
      return paid.length === 1 ? [paid[0] as Desk, paid[0] === first ? second : first] : undefined
    })
    await until('the reason', () => unlucky.ledger.getWinners(['pending'])[0]?.reason === 'TicketBrokerPayoutTooLow')
    await rig.fund(broadcaster.grant.sender, face)
    await rig.untilConfirmed(unlucky, 1)
    expect([await rig.readFees(lucky.signer.address), await rig.readFees(unlucky.signer.address), await rig.readDeposit(broadcaster.grant.sender)]).toEqual([face, face, 0n])
    await Promise.all([first.cashier.close(), second.cashier.close()])
  })

  it('takes tickets while the chain is out of reach, and redeems when it is back', async () => {
    const line = await openLine()
    const desk = await rig.openDesk({ rpcUrls: [line.url] })
    const { broadcaster, account } = await rig.openStream(desk)
    line.isCut = true
    for (let seq = 0; seq < 3; seq++) await account.openSegment({ seq, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels }).then(() => account.releaseSegment({ seq, attempt: 0 }))
    await account.openSegment({ seq: 3, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await until('failed looks', () => desk.troubles.length > 2)
    expect(desk.ledger.getWinners(['pending']).length).toBe(1)
    line.isCut = false
    await rig.untilConfirmed(desk, 1)
    expect(await rig.readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
    await line.close()
  })

  it('takes the word of a smart account for its session key, and the broker does too', async () => {
    const desk = await rig.openDesk()
    const wallet = randomHex(20)
    // PUSH32 0x1626ba7e… MSTORE, RETURN: says yes to whatever it is asked.
    await rig.testClient.setCode({ address: wallet, bytecode: `0x7f1626ba7e${'00'.repeat(28)}60005260206000f3` })
    await rig.fund(wallet, face * 2n)
    const account = { address: wallet, sign: (): Hex => '0x1234' }
    const broadcaster = new SimulatedBroadcaster({ domain: rig.domain, recipient: desk.signer.address, wallet: account, sessionKey: createNativeSigner(createPrivateKey()), streamId: randomHex(32), validUntil: Math.floor(Date.now() / 1_000) + 86_400 })
    broadcaster.quote = await desk.cashier.quote({ sender: wallet, serviceId: services.Transcoding })
    const stream = await desk.cashier.openStream(broadcaster.terms)
    await stream.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await rig.untilConfirmed(desk, 1)
    expect(await rig.readDeposit(wallet)).toBe(face)
    await desk.cashier.close()
  })
})

/** A way to the chain that can be cut. */
async function openLine() {
  const line = { isCut: false, url: '', close: async () => undefined as void }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (line.isCut) return request.socket.destroy()
      fetch(rig.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(chunks) })
        .then(async (answer) => response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()))
        .catch(() => request.socket.destroy())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  line.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  line.close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return line
}
