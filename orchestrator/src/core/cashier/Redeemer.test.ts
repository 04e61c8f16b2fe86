import { StreamflowError } from '@streamflow/sdk/errors'
import { services } from '@streamflow/sdk/payments'
import { afterEach, describe, expect, it } from 'vitest'
import { makeTill, type TillOptions } from '../../../../test/payments/makeTill.js'
import { defaultPolicy } from './policy.js'
import { defaultRedemptionPolicy } from './redemption.js'

const pixels = 1_000_000n
const face = 10n ** 16n
const certain = (1n << 256n) - 1n
let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

/** A till with senders that each have one certain winner; its parameters are over, unless it is still hidden. */
async function makeWinners(faces: readonly { readonly deposit?: bigint; readonly spendCap?: bigint }[], { isHidden = false, ...options }: TillOptions & { readonly isHidden?: boolean } = {}) {
  const till = await makeTill({ price: 1_000_000n, ...options, policy: { fixedFaceValue: face, ...options.policy }, redemption: { stuckAfter: 45, ...options.redemption }, chain: { confirmations: 2, ...options.chain } })
  dispose = till.dispose
  const broadcasters = []
  for (const person of faces) broadcasters.push(await till.broadcaster(person))
  till.chain.mine()
  for (const broadcaster of broadcasters) {
    const account = await till.cashier.openStream(broadcaster.terms)
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
  }
  till.clock.now += isHidden ? 1 : 20
  const winners = (state: 'pending' | 'submitted' | 'confirmed' | 'dead') => till.ledger.getWinners([state])
  const block = async () => {
    till.chain.mine()
    await till.cashier.redeem()
  }
  return { till, broadcasters, winners, block }
}

describe('a winner', () => {
  it('is not shown to anybody while its parameters may still be used, also after a restart', async () => {
    const { till, winners } = await makeWinners([{}], { isHidden: true })
    await till.restart()
    await till.cashier.redeem()
    expect([winners('pending').length, till.chain.sent.length]).toEqual([1, 0])
    till.clock.now += 20
    await till.cashier.redeem()
    expect(till.chain.sent.length).toBe(1)
  })

  it('leaves parameters that are refused for ever once it was shown, even if the clock steps back', async () => {
    const { till, broadcasters } = await makeWinners([{}])
    await till.cashier.redeem()
    till.clock.now -= 20
    await till.restart()
    const [broadcaster] = broadcasters
    const stream = await till.cashier.openStream(broadcaster!.terms).catch((error: unknown) => error)
    expect(stream).toMatchObject({ code: 'QuoteExpired' })
  })

  it('is confirmed when its payment is deep enough', async () => {
    const { till, winners, block } = await makeWinners([{}, {}])
    await till.cashier.redeem()
    expect(till.chain.sent).toMatchObject([{ nonce: 0, tickets: 2 }])
    await block()
    expect(winners('submitted').length).toBe(2)
    await block()
    await block()
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face, face])
    expect(till.ledger.getTransactions()).toEqual([])
  })

  it('is owed until the deposit that is known is one without it, though its payment was mined during the look', async () => {
    const { till, broadcasters } = await makeWinners([{ deposit: face }])
    const [broadcaster] = broadcasters
    const { sender } = broadcaster!.grant
    till.chain.automine = false
    await till.cashier.redeem()
    till.chain.fund(sender, {}) // its funds are read once more: as of the block of the next look
    await new Promise((resolve) => setImmediate(resolve))
    const { readNonces } = till.chain
    till.chain.readNonces = async () => {
      till.chain.readNonces = readNonces
      till.chain.readStanding = () => new Promise(() => undefined) // an endpoint that takes its time
      const nonces = await readNonces.call(till.chain)
      till.chain.mine()
      return nonces
    }
    await till.cashier.redeem()
    expect(till.chain.senders.get(sender)?.deposit).toBe(0n)
    await expect(till.cashier.quote({ sender, serviceId: services.Transcoding })).rejects.toMatchObject({ code: 'LowPMBalance' })
  })

  it('is redeemed again after a reorg, with the nonce that became free', async () => {
    const { till, winners, block } = await makeWinners([{}])
    await till.cashier.redeem()
    await block()
    till.chain.reorg(2) // the block with the payment and the one after
    expect(till.chain.nonce).toBe(0)
    till.clock.now += 60
    for (let count = 0; count < 5; count++) await block()
    expect(winners('confirmed').length).toBe(1)
    expect(till.chain.sent.map(({ nonce }) => nonce)).toEqual([0, 0])
    expect(till.chain.paid.size).toBe(1)
  })

  it('is redeemed again though it was final when it was undone, and nothing waits for ever behind its nonce', async () => {
    const { till, broadcasters, winners, block } = await makeWinners([{}, {}])
    const [first, second] = till.ledger.getWinners(['pending'])
    await till.ledger.write([{ kind: 'winner', record: { ...second!, redeemableFrom: till.clock.now + 5 } }])
    const before = till.chain.block
    await till.cashier.redeem()
    for (let count = 0; count < 3; count++) await block()
    expect(winners('confirmed').map(({ ticketHash }) => ticketHash)).toEqual([first!.ticketHash])
    till.clock.now += 5
    till.chain.automine = false
    await till.cashier.redeem()
    expect(winners('submitted').map(({ ticketHash }) => ticketHash)).toEqual([second!.ticketHash])
    till.chain.automine = true
    till.chain.reorg(Number(till.chain.block - before))
    expect(till.chain.nonce).toBe(0)
    for (let count = 0; count < 8; count++) await block()
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face, face])
    expect(till.chain.paid.size).toBe(2)
    expect(till.ledger.getTransactions()).toEqual([])
    for (const { grant } of broadcasters) expect(till.chain.senders.get(grant.sender)?.deposit).toBe(10n ** 18n - face)
  })

  it.each([
    ['while nothing else is under way', false],
    ['while no process runs', true],
  ])('is redeemed again though it was final when it was undone %s', async (_when, isDown) => {
    const { till, winners, block } = await makeWinners([{}])
    const before = till.chain.block
    await till.cashier.redeem()
    for (let count = 0; count < 4; count++) await block()
    expect([winners('confirmed').length, till.ledger.getTransactions().length]).toEqual([1, 0])
    till.chain.reorg(Number(till.chain.block - before))
    if (isDown) await till.restart()
    for (let count = 0; count < 6; count++) await block()
    expect(till.chain.paid.size).toBe(1)
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face])
  })

  it('is redeemed again though its block was undone between the looks at its payment and at its nonce', async () => {
    const { till, winners, block } = await makeWinners([{}])
    const before = till.chain.block
    await till.cashier.redeem()
    const readNonces = till.chain.readNonces.bind(till.chain)
    till.chain.readNonces = async () => ({ ...(await readNonces()), final: 0 })
    for (let count = 0; count < 3; count++) await block()
    expect([winners('confirmed').length, till.ledger.getTransactions().length]).toEqual([1, 1])
    till.chain.readNonces = readNonces
    till.chain.reorg(Number(till.chain.block - before))
    for (let count = 0; count < 6; count++) {
      till.clock.now += 60
      await block()
    }
    expect(till.chain.paid.size).toBe(1)
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face])
  })

  it('is given up only for a reason that no reorg takes away', async () => {
    const { till, broadcasters, winners, block } = await makeWinners([{ spendCap: face }])
    const [winner] = till.ledger.getWinners(['pending'])
    // Another orchestrator is paid all that the grant allows, in a block that is undone again.
    till.chain.spent.set(winner!.grantHash, broadcasters[0]!.grant.spendCap)
    await block()
    expect(winners('pending').map(({ reason }) => reason)).toEqual(['TicketBrokerPayoutTooLow'])
    till.chain.reorg(1)
    till.clock.now += 60
    for (let count = 0; count < 4; count++) await block()
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face])
  })

  it('is a dead letter once such a reason is final', async () => {
    const { till, winners, block } = await makeWinners([{ spendCap: face }])
    const [winner] = till.ledger.getWinners(['pending'])
    till.chain.ended.add(winner!.grantHash)
    for (let count = 0; count < 4; count++) {
      till.clock.now += 60
      await block()
    }
    expect(winners('dead').map(({ reason }) => reason)).toEqual(['TicketBrokerGrantEnded'])
  })

  it('waits out an endpoint that is down, and a process that died while sending', async () => {
    const { till, winners, block } = await makeWinners([{}])
    till.chain.isDown = true
    await till.cashier.redeem().catch(() => undefined)
    expect(winners('pending').length).toBe(1)
    till.chain.isDown = false
    const send = till.chain.send.bind(till.chain)
    till.chain.send = () => Promise.reject(new Error('killed'))
    await till.cashier.redeem()
    expect(winners('submitted').length).toBe(1)
    till.chain.send = send
    await till.restart()
    for (let count = 0; count < 5; count++) await block()
    expect(winners('confirmed').length).toBe(1)
  })

  it('that is stuck is offered again at the same nonce for more, until the operator’s limit', async () => {
    const { till, block } = await makeWinners([{}], { chain: { automine: false }, redemption: { maximumFeePerGas: 3_000_000_000n } })
    await till.cashier.redeem()
    till.chain.gasPrice = 2_500_000_000n
    till.chain.automine = false
    for (let count = 0; count < 4; count++) {
      till.clock.now += 46
      await till.cashier.redeem()
    }
    expect(new Set(till.chain.sent.map(({ nonce }) => nonce))).toEqual(new Set([0]))
    expect(till.chain.sent.map(({ fees }) => fees.maxFeePerGas)).toEqual([2_000_000_000n, 3_000_000_000n])
    for (let count = 0; count < 4; count++) await block()
    expect(till.ledger.getWinners(['confirmed']).length).toBe(1)
  })

  it('whose end is near bids from what it pays, not from what gas costs today', async () => {
    const { till, winners, block } = await makeWinners([{}], { chain: { roundLength: 1_000, automine: false } })
    till.clock.now += 1_500
    await till.cashier.redeem()
    const [{ fees } = { fees: undefined }] = till.chain.sent
    // Half of what a winner is worth, by the gas that it takes; the market asks for a fraction of that.
    expect(fees?.maxFeePerGas).toBe(face / 110_000n / 2n)
    till.chain.gasPrice *= 40n // would have priced out twice what was asked
    till.chain.mine()
    await block()
    await block()
    await block()
    expect(winners('confirmed').length).toBe(1)
    expect(till.chain.sent.length).toBe(1)
  })

  it('never bids what its account does not hold', async () => {
    const { till } = await makeWinners([{}], { chain: { roundLength: 1_000, automine: false } })
    till.chain.balance = 143_000n * 3_000_000_000n
    till.clock.now += 1_500
    await till.cashier.redeem()
    expect(till.chain.sent.map(({ fees }) => fees.maxFeePerGas)).toEqual([2_000_000_000n])
  })

  it('that is stuck makes room for what is worth more, at its own nonce, and comes after it', async () => {
    const { till, broadcasters, winners, block } = await makeWinners([{}, {}], { chain: { automine: false }, redemption: { cheapPercent: 50n } })
    const [small, large] = till.ledger.getWinners(['pending'])
    // The first is offered alone, for the little that is left of it.
    await till.ledger.write([
      { kind: 'winner', record: { ...small!, paid: face - 2n * 10n ** 14n } },
      { kind: 'winner', record: { ...large!, redeemableFrom: till.clock.now + 5 } },
    ])
    till.chain.paid.set(small!.ticketHash, face - 2n * 10n ** 14n)
    await till.cashier.redeem()
    till.chain.gasPrice *= 20n // now more than what is left of the first would bring
    till.clock.now += 60
    await till.cashier.redeem()
    expect(till.chain.sent.map(({ nonce, tickets }) => [nonce, tickets])).toEqual([[0, 1], [0, 1]])
    expect(till.ledger.getTransactions()[0]?.ticketHashes).toEqual([large!.ticketHash])
    for (let count = 0; count < 4; count++) await block()
    expect(winners('confirmed').map(({ ticketHash }) => ticketHash)).toEqual([large!.ticketHash])
    till.chain.gasPrice /= 20n
    till.chain.automine = true
    till.clock.now += 60
    for (let count = 0; count < 5; count++) await block()
    expect(winners('confirmed').length).toBe(2)
    expect(broadcasters.length).toBe(2)
  })

  it('that makes room for another at the very moment in which it is paid is followed to its end', async () => {
    const { till, winners, block } = await makeWinners([{}, {}], { chain: { automine: false } })
    const [first, second] = winners('pending')
    await till.ledger.write([{ kind: 'winner', record: { ...second!, redeemableFrom: till.clock.now + 5 } }])
    await till.cashier.redeem()
    till.clock.now += 60
    const { readNonces } = till.chain
    till.chain.readNonces = async () => {
      till.chain.readNonces = readNonces
      const nonces = await readNonces.call(till.chain)
      till.chain.mine()
      return nonces
    }
    await till.cashier.redeem()
    expect(winners('pending')).toMatchObject([{ ticketHash: first!.ticketHash, paid: face }])
    till.chain.automine = true
    for (let count = 0; count < 6; count++) await block()
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face, face])
  })

  it('that is stuck and cannot be paid any more frees its nonce', async () => {
    const { till, winners, block } = await makeWinners([{}], { chain: { automine: false } })
    await till.cashier.redeem()
    till.chain.fund(winners('submitted')[0]!.ticket.sender, { deposit: 0n })
    till.chain.gasPrice *= 3n // the first bid is too low
    till.clock.now += 60
    await till.cashier.redeem()
    expect(till.chain.sent.map(({ nonce, tickets }) => [nonce, tickets])).toEqual([[0, 1], [0, 0]])
    expect(winners('pending').map(({ reason }) => reason)).toEqual(['TicketBrokerPayoutTooLow'])
    for (let count = 0; count < 4; count++) await block()
    expect(till.chain.nonce).toBe(1)
    expect(till.ledger.getTransactions()).toEqual([])
  })

  it('that others drain does not wait for the end of its parameters, and takes at once what is left', async () => {
    const { till, broadcasters, winners, block } = await makeWinners([{}], { isHidden: true })
    const [{ ticketHash } = { ticketHash: undefined }] = winners('pending')
    const account = await till.cashier.openStream(broadcasters[0]!.terms)
    await block()
    expect(till.chain.sent.length).toBe(0)
    till.chain.fund(broadcasters[0]!.grant.sender, { deposit: face / 4n })
    await new Promise(setImmediate)
    for (let count = 0; count < 5; count++) await block()
    expect(till.chain.paid.get(ticketHash!)).toBe(face / 4n)
    // Its parameters are over, since an endpoint knows their number.
    till.chain.fund(broadcasters[0]!.grant.sender, { deposit: face * 9n })
    await new Promise(setImmediate)
    const late = account.openSegment({ seq: 1, attempt: 0, ticket: broadcasters[0]!.sign(pixels), estimatedPixels: pixels })
    await expect(late).rejects.toMatchObject({ code: 'TicketParamsExpired' })
  })

  it('stays shown, though it was shown while the redeemer looked at it', async () => {
    const { till, broadcasters, winners } = await makeWinners([{ deposit: face }], { isHidden: true })
    const account = await till.cashier.openStream(broadcasters[0]!.terms)
    const looking = till.cashier.redeem()
    const refused = account.openSegment({ seq: 1, attempt: 0, ticket: broadcasters[0]!.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await expect(refused).rejects.toMatchObject({ code: 'LowPMBalance' })
    await looking
    await till.cashier.redeem()
    const [winner] = [...winners('pending'), ...winners('submitted')]
    expect(winner?.redeemableFrom).toBeLessThanOrEqual(till.clock.now)
    expect(till.chain.sent.length).toBe(1)
  })

  it('waits for cheaper gas while it has time, then takes what leaves something', async () => {
    const { till, winners, block } = await makeWinners([{}], { chain: { roundLength: 1_000 }, policy: { redemptionMargin: 10 } })
    till.chain.gasPrice *= 50n
    await block()
    expect(winners('pending')[0]?.reason).toBe('gas is dear')
    till.clock.now += 1_500
    await block()
    expect(winners('submitted').length).toBe(1)
  })

  it('that expired unpaid is a dead letter with the reason for which it waited', async () => {
    const { till, winners, block } = await makeWinners([{}], { chain: { roundLength: 1_000 } })
    till.chain.senders.get(till.ledger.getWinners(['pending'])[0]!.ticket.sender)!.deposit = 0n
    await block()
    expect(winners('pending')[0]?.reason).toBe('TicketBrokerPayoutTooLow')
    till.clock.now += 2_000
    await block()
    expect(winners('dead').map(({ reason }) => reason)).toEqual(['TicketBrokerPayoutTooLow'])
  })

  it('is paid in part at the end, if that is all there is', async () => {
    const { till, winners, block } = await makeWinners([{}], { chain: { roundLength: 1_000 } })
    const [winner] = till.ledger.getWinners(['pending'])
    till.chain.fund(winner!.ticket.sender, { deposit: face / 2n })
    till.clock.now += 1_500
    for (let count = 0; count < 5; count++) await block()
    till.clock.now += 500
    await block()
    expect(winners('confirmed')).toMatchObject([{ paid: face / 2n, reason: expect.stringContaining('paid in part') as string }])
  })

  it('that nothing pays has its sender’s escrow burned when its end is near, once, and brings the executor’s share', async () => {
    const { till, winners, block } = await makeWinners([{}], { chain: { roundLength: 1_000 } })
    const [winner] = winners('pending')
    const { sender } = winner!.ticket
    till.chain.fund(sender, { deposit: 0n, escrow: 10n * face })
    await till.cashier.redeem()
    expect(till.chain.sent.length).toBe(0) // there is time: funds may come
    till.clock.now += 1_500
    for (let count = 0; count < 6; count++) await block()
    expect(till.chain.senders.get(sender)?.escrow).toBe(9n * face)
    expect(till.chain.sent.map(({ tickets }) => tickets)).toEqual([1])
    till.chain.fund(sender, { deposit: face })
    till.clock.now += 300
    for (let count = 0; count < 6; count++) await block()
    expect(winners('confirmed').map(({ paid }) => paid)).toEqual([face]) // punished, and still redeemable
    expect(till.chain.senders.get(sender)?.escrow).toBe(9n * face)
  })

  it.each([[0, 0], [10, 1]])('has it burned at a loss of at most %d % of what is missing', async (penaltyPercent, burned) => {
    const { till, winners, block } = await makeWinners([{}], { chain: { roundLength: 1_000 }, redemption: { penaltyPercent } })
    const [winner] = winners('pending')
    // It brings a hundredth of the winner, and costs a twentieth.
    till.chain.fund(winner!.ticket.sender, { deposit: 0n, escrow: face / 10n })
    till.chain.gasPrice = face / 20n / defaultPolicy.redemptionGas
    till.clock.now += 1_500
    for (let count = 0; count < 6; count++) await block()
    expect(till.chain.sent.length).toBe(burned)
  })

  it('goes to the chain with as many others at once as the operator says', async () => {
    const { till, block } = await makeWinners([{}, {}, {}, {}, {}], { redemption: { batchSize: 2 } })
    for (let count = 0; count < 4; count++) await block()
    expect(till.chain.sent.map(({ tickets }) => tickets)).toEqual([2, 2, 1])
  })

  it('harms no other winner of its batch, and the rest goes in order of expiry, then value', async () => {
    const { till, winners, block } = await makeWinners([{}, {}, {}])
    const [broken] = till.ledger.getWinners(['pending'])
    till.chain.senders.get(broken!.ticket.sender)!.deposit = 0n
    await till.cashier.redeem()
    for (let count = 0; count < 4; count++) await block()
    expect(winners('confirmed').length).toBe(2)
    expect(winners('pending').map(({ ticketHash, reason }) => [ticketHash, reason])).toEqual([[broken!.ticketHash, 'TicketBrokerPayoutTooLow']])
  })

  it('frees what it blocked of the sender’s funds only when the deposit shows it', async () => {
    const { till, broadcasters, block } = await makeWinners([{ deposit: 2n * face }])
    const [broadcaster] = broadcasters
    await till.cashier.redeem()
    for (let count = 0; count < 4; count++) await block()
    broadcaster!.quote = await till.cashier.quote({ sender: broadcaster!.grant.sender, serviceId: broadcaster!.terms.serviceId })
    expect(broadcaster!.quote.faceValue).toBe(face)
    const account = await till.cashier.openStream(broadcaster!.terms)
    const open = (seq: number) => account.openSegment({ seq, attempt: 0, ticket: broadcaster!.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await open(1)
    await expect(open(2)).rejects.toMatchObject({ code: expect.stringMatching(/LowPMBalance|TicketParamsExpired/) as string })
  })
})

describe('a round', () => {
  /** A chain on which the round cannot be begun; @param error - why, as the contract says */
  async function openAtRound(error: string) {
    const till = await makeTill({ price: 1_000_000n, redemption: { initializeRounds: true, claimRewards: true, maximumChoreCost: 10n ** 18n } })
    dispose = till.dispose
    const { chain } = till
    const readState = chain.readState.bind(chain)
    const due = { isRoundInitialized: false, isRewardDue: true, redeemable: [] }
    const asked: string[] = []
    chain.readState = async () => ({ ...(await readState()), ...due })
    chain.doChore = (chore) => {
      asked.push(chore)
      return chore === 'round' ? Promise.reject(new StreamflowError('ChainReverted', 'the transaction would fail', { data: { error } })) : Promise.resolve('0x')
    }
    const look = async (afterSeconds: number) => {
      till.clock.now += afterSeconds
      await till.cashier.redeem()
    }
    return { till, due, asked, look }
  }

  it('that somebody else began first is no failure: what comes after waits no longer than for the block', async () => {
    const { till, due, asked, look } = await openAtRound('RoundsAlreadyInitialized')
    for (const seconds of [0, 0.5]) await look(seconds)
    due.isRoundInitialized = true // now its block is there
    await look(2)
    expect(asked).toEqual(['round', 'reward'])
    expect(till.troubles).toEqual([])
  })

  it('that cannot be begun is tried again later', async () => {
    const { till, asked, look } = await openAtRound('RoundsBlockHashUnavailable')
    for (const seconds of [0, 5, 5]) await look(seconds)
    expect([asked, till.troubles.length]).toEqual([['round'], 1])
    await look(defaultRedemptionPolicy.backoff)
    expect([asked, till.troubles.length]).toEqual([['round', 'round'], 2])
  })
})
