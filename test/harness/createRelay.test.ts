import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createSocket } from 'node:dgram'
import { expect, it } from 'vitest'
import { createRelay, findCandidate, nameRelay } from './createRelay.mjs'

const sdp = ['v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=candidate:1 1 UDP 2114977791 fe80::1 5000 typ host', 'a=candidate:2 1 UDP 2122317823 127.0.0.1 6000 typ host', 'a=candidate:3 1 UDP 1 10.0.0.9 6000 typ host', 'a=end-of-candidates', ''].join('\r\n')

it('names itself in a session description, and nobody else', () => {
  expect(findCandidate(sdp)).toEqual({ address: '127.0.0.1', port: 6000 })
  expect(nameRelay(sdp, 7000).split('\r\n').filter((line) => line.startsWith('a=candidate'))).toEqual(['a=candidate:2 1 UDP 2122317823 127.0.0.1 7000 typ host'])
})

it('passes requests and datagrams on, keeps them all while it is a black hole, and what was asked is answered afterwards', async () => {
  const echo = createSocket('udp4').bind(0, '127.0.0.1')
  await once(echo, 'listening')
  echo.on('message', (message, { port, address }) => echo.send(message, port, address))
  const opened = { answer: { type: 'answer', sdp: sdp.replaceAll('6000', String(echo.address().port)) } }
  const server = createServer((request, response) => response.end(request.method === 'POST' ? JSON.stringify(opened) : 'here'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const relay = await createRelay((server.address() as AddressInfo).port)
  const client = createSocket('udp4').bind(0, '127.0.0.1')
  try {
    expect(await (await fetch(`${relay.url}/live`)).text()).toBe('here')
    const { answer } = (await (await fetch(`${relay.url}/v1/streams`, { method: 'POST' })).json()) as typeof opened
    const way = findCandidate(answer.sdp)!
    expect(way.port).not.toBe(echo.address().port)
    const say = (text: string): void => client.send(text, way.port, way.address)
    say('one')
    expect(String((await once(client, 'message'))[0])).toBe('one')

    relay.setBlackHole(true)
    say('two')
    let isAnswered = false
    const asked = fetch(`${relay.url}/live`).then((response) => {
      isAnswered = true
      return response.text()
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(isAnswered).toBe(false)
    relay.setBlackHole(false)
    expect(await asked).toBe('here')
    say('three')
    expect(String((await once(client, 'message'))[0])).toBe('three') // what was sent into the hole is gone

    // A queue of 100 ms at a byte a millisecond: the second waits for the first, what comes then finds no room.
    const heard: string[] = []
    client.on('message', (message) => heard.push(String(message)[0]!))
    const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    relay.setLine({ bitsPerSecond: 8_000, delayMs: 10, lossShare: 0, queueMs: 100 })
    for (const text of ['a'.repeat(60), 'b'.repeat(60), 'c', 'd']) say(text)
    await rest(400)
    relay.setLine({ bitsPerSecond: 1e9, delayMs: 0, lossShare: 1 })
    say('e')
    await rest(50)
    relay.setLine(undefined)
    say('f')
    await once(client, 'message')
    expect(heard).toEqual(['a', 'b', 'f'])
  } finally {
    client.close()
    echo.close()
    await relay.close()
    server.close()
  }
})
