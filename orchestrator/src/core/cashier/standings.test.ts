import { services } from '@streamflow/sdk/payments'
import { afterEach, expect, it } from 'vitest'
import { makeTill, randomHex } from '../../../../test/payments/makeTill.js'

const pixels = 1_000_000n
let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

it('a flood of strangers takes nothing from a stream that is live, though the chain is out of reach afterwards', async () => {
  const till = await makeTill({ price: 1_000_000n, policy: { strangerReadBurst: 20_000 } })
  dispose = till.dispose
  const broadcaster = await till.broadcaster()
  const account = await till.cashier.openStream(broadcaster.terms)
  await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels })
  till.chain.mine()
  for (let asked = 0; asked < 16_400; asked++) await till.cashier.quote({ sender: randomHex(20), serviceId: services.Transcoding }).catch(() => undefined)
  till.chain.mine()
  till.chain.isDown = true
  await account.openSegment({ seq: 1, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels })
})

it('strangers share what they may ask of the chain; who paid before does not wait for them', async () => {
  const till = await makeTill({ policy: { strangerReadsPerSecond: 2, strangerReadBurst: 3 } })
  dispose = till.dispose
  const old = await till.broadcaster() // the first of three
  const account = await till.cashier.openStream(old.terms) // reads once more, for its grant
  await account.openSegment({ seq: 0, attempt: 0, ticket: old.sign(pixels), estimatedPixels: pixels })
  let reads = 0
  const read = till.chain.readStanding.bind(till.chain)
  till.chain.readStanding = (...args) => {
    reads++
    return read(...args)
  }
  const ask = (sender: `0x${string}`) => till.cashier.quote({ sender, serviceId: services.Transcoding }).then(() => 'quoted', ({ code }: { code: string }) => code)
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(randomHex(20))))
  expect(reads).toBe(1)
  expect(answers.filter((code) => code === 'Busy').length).toBe(49)
  till.clock.now += 1
  await Promise.all(Array.from({ length: 50 }, () => ask(randomHex(20))))
  expect(reads).toBe(3)
  till.clock.now += 1_000 // what was known of it is too old
  for (let asked = 0; asked < 5; asked++) await ask(randomHex(20))
  expect(await ask(old.grant.sender)).toBe('quoted')
})
