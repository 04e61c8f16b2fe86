import * as nodeDataChannel from 'node-datachannel/polyfill'
import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../protocol/limits.js'
import type { Transport } from '../transport/transport.js'
import { dialNode } from './webrtc.js'

interface Remote {
  readonly peer: nodeDataChannel.RTCPeerConnection
  readonly channel: Promise<nodeDataChannel.RTCDataChannel>
}
const remotes: Remote[] = []
afterEach(() => {
  for (const { peer } of remotes.splice(0)) peer.close()
})

async function answer(offer: string): Promise<Remote & { readonly sdp: string }> {
  const peer = new nodeDataChannel.RTCPeerConnection({ iceServers: [] })
  const channel = new Promise<nodeDataChannel.RTCDataChannel>((resolve) => (peer.ondatachannel = (event: unknown) => resolve((event as { channel: nodeDataChannel.RTCDataChannel }).channel)))
  const gathered = new Promise<void>((resolve) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()))
  await peer.setRemoteDescription({ type: 'offer', sdp: offer } as never)
  await peer.createAnswer()
  await gathered
  const remote = { peer, channel, sdp: peer.localDescription?.sdp ?? '' }
  remotes.push(remote)
  return remote
}
async function connect(): Promise<{ readonly transport: Transport; readonly remote: Remote }> {
  const dialer = await dialNode({})
  const remote = await answer(dialer.offer)
  return { transport: await dialer.accept(remote.sdp), remote }
}

describe('WebRTC in Node', () => {
  it('carries messages whole and in order, with back-pressure', async () => {
    const { transport, remote } = await connect()
    const channel = await remote.channel
    const count = 200
    const got: number[] = []
    const done = new Promise<void>((resolve) => {
      channel.onmessage = ({ data }: { data: ArrayBuffer }) => {
        if (got.push(new DataView(data).getUint32(0)) === count) resolve()
      }
    })
    let highest = 0
    for (let i = 0; i < count; i++) {
      const message = new Uint8Array(limits.messageBytes)
      new DataView(message.buffer).setUint32(0, i)
      await transport.send(message)
      highest = Math.max(highest, transport.bufferedBytes)
    }
    await done
    expect(got).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(highest).toBeLessThan(700_000)
    const reader = transport.messages.getReader()
    channel.send(Uint8Array.of(7, 8) as never)
    expect([...((await reader.read()).value as Uint8Array)]).toEqual([7, 8])
    transport.close()
    expect(await transport.closed).toBeUndefined()
    expect((await reader.read()).done).toBe(true)
  })

  it('connects every time', async () => {
    // The handshake of libdatachannel with itself used to fail one time in six.
    for (let i = 0; i < 15; i++) {
      const { transport } = await connect()
      transport.close()
    }
  })

  it('tells when the other side is gone', async () => {
    const { transport, remote } = await connect()
    remote.peer.close()
    expect((await transport.closed)?.code).toBe('TransportFailed')
    await expect(transport.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TransportFailed' })
  })

  it('releases senders that wait when the connection ends', async () => {
    const { transport } = await connect()
    // Far more than leaves while they are handed over; a thread that has to wait meanwhile lets some more go.
    const sends = Array.from({ length: 400 }, () => transport.send(new Uint8Array(limits.messageBytes)).catch((error: { code: string }) => error.code))
    transport.close()
    expect(await Promise.all(sends)).toContain('TransportFailed')
  })

  it('refuses messages beyond the limit', async () => {
    const { transport } = await connect()
    await expect(transport.send(new Uint8Array(limits.messageBytes + 1))).rejects.toThrow(RangeError)
    transport.close()
  })

  it('fails with a code for an answer that is none, and when time is up', async () => {
    const nonsense = await dialNode({})
    await expect(nonsense.accept('v=0\r\n')).rejects.toMatchObject({ code: 'TransportFailed' })
    const dialer = await dialNode({ connectTimeoutMs: 200 })
    const { sdp, peer } = await answer(dialer.offer)
    peer.close()
    await expect(dialer.accept(sdp)).rejects.toMatchObject({ code: expect.stringMatching(/Timeout|TransportFailed/) as unknown })
  })

  it('gives up when the caller does', async () => {
    const abort = new AbortController()
    const dialer = await dialNode({})
    const { sdp, peer } = await answer(dialer.offer)
    peer.close()
    const accepting = dialer.accept(sdp, { signal: abort.signal })
    abort.abort()
    await expect(accepting).rejects.toMatchObject({ code: 'Aborted' })
  })
})
