import { createServer, type Server } from 'node:http'
import { connect, createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { connect as connectSocket, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { limitTaking, type AnyResponse } from './exchange.js'

/** More than systems take on their own. */
const body = Buffer.alloc(64 << 20)
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Answers with the body, which must be taken within so many milliseconds. @returns the port */
async function serve(server: Server | Http2Server, withinMs: number): Promise<number> {
  server.on('request', (_request: unknown, response: AnyResponse) => {
    ;(response as { end(bytes: Uint8Array): unknown }).end(body)
    limitTaking(response, withinMs)
  })
  closers.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

it('an answer that is not read is cut, and its connection with it', async () => {
  const socket = connectSocket(await serve(createServer(), 300), '127.0.0.1')
  closers.push(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await new Promise((resolve) => socket.once('readable', resolve))
  await new Promise((resolve) => setTimeout(resolve, 600)) // it is not read for longer than it may
  let taken = 0
  for await (const bytes of socket) taken += (bytes as Buffer).length
  expect(taken).toBeLessThan(body.length)
})

it('one stream of HTTP/2 that is not read is cut, and nothing else of its connection', async () => {
  const session = connect(`http://127.0.0.1:${await serve(createHttp2Server(), 300)}`)
  closers.push(() => session.destroy())
  const stream = session.request({ ':path': '/' })
  stream.pause()
  stream.on('error', () => undefined)
  await new Promise((resolve) => stream.once('close', resolve))
  expect(stream.rstCode).not.toBe(0)
  expect(session.destroyed).toBe(false)
})

it('an answer that is read is whole', async () => {
  const response = await fetch(`http://127.0.0.1:${await serve(createServer(), 60_000)}`)
  expect((await response.arrayBuffer()).byteLength).toBe(body.length)
})
