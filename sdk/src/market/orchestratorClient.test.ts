import { describe, expect, it } from 'vitest'
import { createKeySigner } from '../payments/signature.js'
import type { StreamRequest } from '../protocol/stream.js'
import { hexToBytes } from '../units/hex.js'
import { isWithinHost, requestStream } from './orchestratorClient.js'

const address = (digit: number) => `0x${String(digit).repeat(40)}` as const
const streamId = `0x${'1'.repeat(64)}` as const
const registered = 'https://orchestrator.example.org'
const answer = { version: 1, streamId, answer: { type: 'answer', sdp: 'v=0' }, playbackUrl: `${registered}/live/x/master.m3u8`, balance: '0', nextSeq: 0 }
const elsewhere = (url: string) => ({ type: 'error', code: 'SenderElsewhere', message: 'served elsewhere', retryAfterMs: 900, data: { url } })

/** Opens a stream where each base address answers what is given; one that is not there does not answer at all. */
async function open(answers: Readonly<Record<string, readonly [status: number, body: object]>>) {
  const asked: string[] = []
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const { origin } = new URL(input as string)
    asked.push(origin)
    const [status, body] = answers[origin] ?? []
    if (status === undefined) throw new TypeError('nobody listens')
    return new Response(JSON.stringify(body), { status })
  }
  const requester = { domain: { chainId: 1, ticketBroker: address(9) }, signer: createKeySigner(hexToBytes(`0x${'7'.repeat(64)}`)), sender: address(2), orchestrator: address(3) }
  const result = await requestStream({ uri: registered, timeoutMs: 5_000, fetch }, requester, { streamId } as StreamRequest).then(({ uri }) => ({ uri }), (error: unknown) => ({ code: (error as { code: string }).code }))
  return { asked, ...result }
}

describe('a stream whose account another process of the orchestrator serves', () => {
  it('is opened where the refusal says, if that is at the registered host or below it', async () => {
    for (const there of [`${registered}:8443`, 'https://second.orchestrator.example.org']) {
      expect(await open({ [registered]: [503, elsewhere(there)], [there]: [201, answer] })).toEqual({ asked: [registered, there], uri: there })
    }
  })

  it('is opened nowhere else, and not passed on and on', async () => {
    for (const there of ['https://elsewhere.example.org', 'https://notorchestrator.example.org', 'ftp://orchestrator.example.org', registered, 'nonsense']) {
      expect(await open({ [registered]: [503, elsewhere(there)] })).toEqual({ asked: [registered], code: 'SenderElsewhere' })
    }
    const second = `${registered}:8443`
    expect(await open({ [registered]: [503, elsewhere(second)], [second]: [503, elsewhere(`${registered}:8444`)] })).toEqual({ asked: [registered, second], code: 'SenderElsewhere' })
  })

  it('waits as long as the others say where that process is gone', async () => {
    expect(await open({ [registered]: [503, elsewhere(`${registered}:8443`)] })).toEqual({ asked: [registered, `${registered}:8443`], code: 'SenderElsewhere' })
  })
})

it('takes a name below a host for that host’s, and no other', () => {
  const hosts = ['https://a.example', 'https://b.a.example:1', 'https://ba.example', 'https://example', 'https://user@a.example']
  expect(hosts.map((url) => isWithinHost(url, 'https://a.example'))).toEqual([true, true, false, false, false])
})
