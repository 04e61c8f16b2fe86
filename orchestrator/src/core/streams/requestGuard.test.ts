import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKeySigner, hashRequest, recoverAddress } from '@streamflow/sdk/payments'
import { actions, encodeAuthorization, limits } from '@streamflow/sdk/protocol'
import { ManualClock } from '../../../../test/streams/StreamRig.js'
import { RequestGuard } from './requestGuard.js'

const domain = { chainId: 1, ticketBroker: `0x${'1'.repeat(40)}` } as const
const orchestrator = `0x${'2'.repeat(40)}` as const
const sender = `0x${'3'.repeat(40)}` as const
const streamId = `0x${'4'.repeat(64)}` as const
const signer = createKeySigner(new Uint8Array(32).fill(7))
const body = Buffer.from('{"a":1}')

function createGuard() {
  const clock = new ManualClock()
  return { clock, guard: new RequestGuard({ domain, orchestrator, recover: recoverAddress, clock }) }
}

function sign(clock: ManualClock, change: Partial<Parameters<typeof hashRequest>[1]> = {}): string {
  const bodyHash = `0x${createHash('sha256').update(body).digest('hex')}` as const
  const request = { orchestrator, sender, action: actions.open, streamId, bodyHash, issuedAt: clock.nowMs() / 1_000, nonce: `0x${'5'.repeat(64)}` as const, ...change }
  return encodeAuthorization({ sender, issuedAt: request.issuedAt, nonce: request.nonce, signature: signer.sign(hashRequest(domain, request)) })
}

const asked = (header: string | undefined) => ({ header, action: actions.open, streamId, body })

describe('a signed request', () => {
  it('proves who signed it', () => {
    const { clock, guard } = createGuard()
    expect(guard.prove(asked(sign(clock)))).toMatchObject({ sender, signer: signer.address })
  })

  it.each([
    ['body', { body: Buffer.from('{"a":2}') }],
    ['action', { action: actions.close }],
    ['stream', { streamId: `0x${'9'.repeat(64)}` as const }],
  ])('is bound to its %s', (_what, change) => {
    const { clock, guard } = createGuard()
    expect(guard.prove({ ...asked(sign(clock)), ...change }).signer).not.toBe(signer.address)
  })

  it('is bound to one orchestrator and one deployment', () => {
    const { clock, guard } = createGuard()
    expect(guard.prove(asked(sign(clock, { orchestrator: sender }))).signer).not.toBe(signer.address)
  })

  it.each([undefined, '', 'Bearer x', 'Streamflow ???', `Streamflow ${'a'.repeat(2_000)}`])('is refused without a readable header: %s', (header) => {
    const { guard } = createGuard()
    expect(() => guard.prove(asked(header))).toThrow(expect.objectContaining({ code: 'Unauthorized' }))
  })

  it.each([-limits.requestSkewSeconds - 1, limits.requestSkewSeconds + 1])('is refused %s seconds away from this clock', (seconds) => {
    const { clock, guard } = createGuard()
    const header = sign(clock, { issuedAt: clock.nowMs() / 1_000 + seconds })
    expect(() => guard.prove(asked(header))).toThrow(expect.objectContaining({ code: 'Unauthorized' }))
  })

  it('works once', async () => {
    const { clock, guard } = createGuard()
    const header = sign(clock)
    const proven = guard.prove(asked(header))
    guard.spend(proven)
    expect(() => guard.prove(asked(header))).toThrow(expect.objectContaining({ code: 'Unauthorized' }))
    expect(() => guard.spend(proven)).toThrow(expect.objectContaining({ code: 'Unauthorized' }))
    // However many others come after it, what is new is taken.
    for (let i = 0; i < 200_001; i++) guard.spend({ ...proven, nonce: `0x1${i.toString(16).padStart(63, '0')}` })
    // Once it is forgotten, it is too old.
    await clock.pass(2 * limits.requestSkewSeconds * 1_000 + 1)
    expect(() => guard.prove(asked(header))).toThrow(expect.objectContaining({ code: 'Unauthorized' }))
  })
})
