import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limits } from '@streamflow/sdk/protocol'
import type { Transport } from '../../core/streams/transport.js'
import { createTransports } from './createTransports.js'
import { restrictOffer } from './restrictOffer.js'

type Transports = ReturnType<typeof createTransports>
type Channel = ReturnType<RTCPeerConnection['createDataChannel']>

const deadlineMs = 15_000
let transports: Transports
const clients: RTCPeerConnection[] = []

beforeEach(() => {
  transports = createTransports({ maxPeers: 2, bindAddress: '127.0.0.1' })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await transports.close()
})

/** Fails a wait that would be for ever. */
function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_resolve, reject) => (timer = setTimeout(() => reject(new Error(`${what}: not within ${deadlineMs} ms`)), deadlineMs)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** An event of a peer or channel, once. */
const once = (channel: Channel, type: 'open' | 'message' | 'close') =>
  within(type, new Promise<{ data?: unknown }>((resolve) => (channel as unknown as EventTarget).addEventListener(type, (event) => resolve(event as { data?: unknown }))))

async function createOffer(): Promise<{ readonly client: RTCPeerConnection; readonly channel: Channel; readonly sdp: string }> {
  const client = new RTCPeerConnection({ iceServers: [] })
  clients.push(client)
  const channel = client.createDataChannel('streamflow')
  channel.binaryType = 'arraybuffer'
  if (client.iceGatheringState !== 'complete') {
    await within('gathering', new Promise<void>((resolve) => client.addEventListener('icegatheringstatechange', () => client.iceGatheringState === 'complete' && resolve())))
  }
  // As the SDK in Node does: the server learns the client's address from its checks.
  const sdp = (client.localDescription?.sdp ?? '').replace(/a=(candidate:.*|end-of-candidates)\r?\n/g, '')
  return { client, channel, sdp }
}

/** Connects a client and remembers what the server is told. */
async function connect() {
  const { client, channel, sdp } = await createOffer()
  const received: Uint8Array[] = []
  let onMessage = (): void => undefined
  let opened = (): void => undefined
  let closed = (): void => undefined
  const hasOpened = new Promise<void>((resolve) => (opened = resolve))
  const hasClosed = new Promise<void>((resolve) => (closed = resolve))
  const { answer, transport } = await transports.accept({ sdp }, {
    opened: () => opened(),
    closed: () => closed(),
    message: (message) => {
      received.push(message)
      onMessage()
    },
  })
  const isOpen = once(channel, 'open')
  await client.setRemoteDescription(answer)
  await isOpen
  await within('opened', hasOpened)
  const receive = (count: number): Promise<void> =>
    within(`${count} messages`, new Promise((resolve) => {
      onMessage = () => received.length >= count && resolve()
      onMessage()
    }))
  return { client, channel, transport, received, receive, hasClosed: within('closed', hasClosed), answer }
}

describe('a peer', () => {
  it('connects by one answer, and messages go both ways, whole and in order', async () => {
    const { channel, transport, received, receive, answer } = await connect()
    expect(answer.sdp).toContain(`a=max-message-size:${limits.messageBytes}`)
    const sizes = [1, 1_000, limits.messageBytes]
    for (const size of sizes) channel.send(Buffer.alloc(size, size % 251))
    await receive(sizes.length)
    expect(received.map((message) => [message.length, message[0]])).toEqual(sizes.map((size) => [size, size % 251]))
    const reply = once(channel, 'message')
    transport.send(Uint8Array.of(1, 2, 3))
    expect(Buffer.from((await reply).data as ArrayBuffer)).toEqual(Buffer.of(1, 2, 3))
  })

  it('gives text as bytes, which the protocol refuses', async () => {
    const { channel, received, receive } = await connect()
    channel.send('hello')
    await receive(1)
    expect(Buffer.from(received[0] as Uint8Array).toString()).toBe('hello')
  })

  it('is told when the client is gone', async () => {
    const { client, hasClosed } = await connect()
    client.close()
    await hasClosed
    expect(transports.count()).toBe(0)
  })

  it('gets the last message before it is closed by us', async () => {
    const { channel, transport, hasClosed } = await connect()
    const messages: number[] = []
    channel.addEventListener('message', (event) => messages.push(new Uint8Array((event as unknown as { data: ArrayBuffer }).data)[0] ?? -1))
    const isClosed = once(channel, 'close')
    for (let i = 0; i < 50; i++) transport.send(Buffer.alloc(10_000, i))
    transport.close()
    transport.close()
    await isClosed
    await hasClosed
    expect(messages).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  it('keeps its callbacks when memory is cleaned up', async () => {
    const { channel, received, receive } = await connect()
    for (let i = 0; i < 20; i++) new Uint8Array(20_000_000).fill(i)
    ;(globalThis as { gc?: () => void }).gc?.()
    channel.send(Buffer.of(1))
    await receive(1)
    expect(received).toHaveLength(1)
  })
})

describe('the server', () => {
  it('takes so many peers and no more', async () => {
    await connect()
    await connect()
    const { sdp } = await createOffer()
    const none = { opened: () => undefined, message: () => undefined, closed: () => undefined }
    await expect(transports.accept({ sdp }, none)).rejects.toMatchObject({ code: 'Busy', data: { retryAfterMs: expect.any(Number) as number } })
  })

  it.each(['', 'v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n', 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\n'])('refuses what is no offer of a data channel: %j', async (sdp) => {
    const closed: Transport[] = []
    await expect(transports.accept({ sdp }, { opened: () => undefined, message: () => undefined, closed: () => undefined })).rejects.toMatchObject({ code: expect.stringMatching(/^(BadMessage|Timeout)$/) as string })
    expect(transports.count()).toBe(0)
    expect(closed).toEqual([])
  })

  it('closes all peers, and accepts none after', async () => {
    const { hasClosed } = await connect()
    await transports.close()
    await hasClosed
    await expect(transports.accept({ sdp: '' }, { opened: () => undefined, message: () => undefined, closed: () => undefined })).rejects.toMatchObject({ code: 'Draining' })
  })
})

describe('an offer', () => {
  const candidate = (address: string): string => `a=candidate:1 1 UDP 2122317823 ${address} 5000 typ host`
  const offer = (...lines: readonly string[]): string => ['v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', ...lines, 'a=mid:0'].join('\r\n')
  const readCandidates = (sdp: string, allowPrivate = false): readonly string[] =>
    restrictOffer(sdp, { allowPrivate }).split('\r\n').filter((line) => /candidate/i.test(line))

  it('keeps candidates that are plain public addresses, as browsers write them', () => {
    const good = [
      candidate('198.51.100.1'),
      candidate('2001:db8::1'),
      'a=candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag 4ZcD network-cost 999',
      'a=end-of-candidates',
    ]
    const sdp = offer(...good)
    expect(readCandidates(sdp)).toEqual(good)
    expect(restrictOffer(sdp, { allowPrivate: false })).toBe(sdp)
  })

  it('loses all candidates beyond a number', () => {
    expect(readCandidates(offer(...Array.from({ length: 100 }, (_, i) => candidate(`198.51.100.${i}`))))).toHaveLength(6)
  })

  it.each([
    ['a name', candidate('evil.example.org')],
    ['a name of the local network', candidate('3f2a.local')],
    ['fields split by tabs', 'a=candidate:1\t1\tUDP\t2122317823\tevil.example.org\t5000\ttyp\thost'],
    ['a tab in a field', 'a=candidate:1 1 UDP 2122317823 198.51.100.1\tevil.example.org 5000 typ host'],
    ['two spaces', 'a=candidate:1 1 UDP  2122317823 198.51.100.1 5000 typ host'],
    ['other case', 'A=CANDIDATE:1 1 UDP 2122317823 198.51.100.1 5000 typ host'],
    ['space before it', ' a=candidate:1 1 UDP 2122317823 198.51.100.1 5000 typ host'],
    ['another attribute of its kind', 'a=remote-candidates:1 evil.example.org 5000'],
    ['TCP', 'a=candidate:1 1 TCP 2122317823 198.51.100.1 9 typ host tcptype active'],
    ['an address that is none', candidate('999.1.1.1')],
    ['a carriage return within', 'a=candidate:1 1 UDP 1 evil.example.org 5000 typ host\ra=x'],
  ])('loses %s', (_what, line) => {
    expect(readCandidates(offer(line))).toEqual([])
  })

  it.each(['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.0.8', '::1', '::', '::127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b:1::7f00:1', '2001::1', 'fec0::1', '3fff::1', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1'])(
    'names no address of a private network or of this machine unless allowed: %s',
    (address) => {
      expect(readCandidates(offer(candidate(address)))).toEqual([])
      expect(readCandidates(offer(candidate(address)), true)).toEqual([candidate(address)])
    },
  )
})
