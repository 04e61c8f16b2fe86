import { expect } from 'chai'
import { dialPeer } from './dialPeer.js'
import type { Transport } from './transport.js'

interface Answerer {
  readonly sdp: string
  readonly peer: RTCPeerConnection
  readonly channel: Promise<RTCDataChannel>
}

async function answer(offer: string): Promise<Answerer> {
  const peer = new RTCPeerConnection()
  const channel = new Promise<RTCDataChannel>((resolve) => (peer.ondatachannel = (event) => resolve(event.channel)))
  await peer.setRemoteDescription({ type: 'offer', sdp: offer })
  const gathered = new Promise<void>((resolve) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()))
  await peer.setLocalDescription()
  if (peer.iceGatheringState !== 'complete') await gathered
  return { sdp: peer.localDescription?.sdp ?? '', peer, channel }
}

async function connect(): Promise<{ readonly transport: Transport; readonly remote: Answerer }> {
  const dialer = await dialPeer({})
  const remote = await answer(dialer.offer)
  return { transport: await dialer.accept(remote.sdp), remote }
}

describe('a peer in the page', () => {
  it('carries messages whole and in order, both ways, with back-pressure', async () => {
    const { transport, remote } = await connect()
    const channel = await remote.channel
    channel.binaryType = 'arraybuffer'
    const count = 300
    const got: number[] = []
    const done = new Promise<void>((resolve) => {
      channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        expect(data.byteLength).to.equal(60_000)
        got.push(new DataView(data).getUint32(0))
        if (got.length === count) resolve()
      }
    })
    let highest = 0
    for (let i = 0; i < count; i++) {
      const message = new Uint8Array(60_000)
      new DataView(message.buffer).setUint32(0, i)
      await transport.send(message)
      highest = Math.max(highest, transport.bufferedBytes)
    }
    await done
    expect(got).to.deep.equal(Array.from({ length: count }, (_, i) => i))
    expect(highest).to.be.lessThan(700_000) // of 18 MB: sending waited
    const reader = transport.messages.getReader()
    channel.send(Uint8Array.of(1, 2, 3))
    expect([...((await reader.read()).value as Uint8Array)]).to.deep.equal([1, 2, 3])
    transport.close()
    expect(await transport.closed).to.equal(undefined)
    remote.peer.close()
  })

  it('tells when the other side is gone, and sends no more', async () => {
    const { transport, remote } = await connect()
    ;(await remote.channel).close()
    remote.peer.close()
    expect((await transport.closed)?.code).to.equal('TransportFailed')
    const failure = await transport.send(new Uint8Array(1)).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'TransportFailed')
  })
})
