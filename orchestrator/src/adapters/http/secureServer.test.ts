import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { get } from 'node:https'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recoverAddress } from '@streamflow/sdk/payments'
import { FollowReader } from '@streamflow/sdk/protocol'
import { createJob } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { createRequest, createRig } from '../../../../test/streams/StreamRig.js'
import { systemClock } from '../../core/streams/clock.js'
import { RequestGuard } from '../../core/streams/requestGuard.js'
import { createHls } from '../hls/createHls.js'
import { createHttpServer, type HttpServer } from './createHttpServer.js'

// Made for this test, for localhost; secret from nobody.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFTaOB5II9BYcOIlh
m24yRy3hBRvPu5s/BwWxaUr1mfuhRANCAAQLZW8cB2paJEP8o17wfgTZ5gil0r1+
93NH4KgV+eayRxveKCr0tYc+hFJfez9U5ieMWSS5h637+tsLEjNkoGNE
-----END PRIVATE KEY-----`
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUb75jYQZ9Dr7FZHbR9GxFZLCMUygwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE1MzEyOFoYDzIxMjYxMDI5
MTUzMTI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQLZW8cB2paJEP8o17wfgTZ5gil0r1+93NH4KgV+eayRxveKCr0tYc+
hFJfez9U5ieMWSS5h637+tsLEjNkoGNEo28wbTAdBgNVHQ4EFgQUWCIYQRKxjVGG
3C27njEeO5oYhWgwHwYDVR0jBBgwFoAUWCIYQRKxjVGG3C27njEeO5oYhWgwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgcQa2m/j17Qyytu8XamrCKFDmlsmzElsvdSkdlumc1kECIBkO
6FeBk8luGs7fGyN6qw9ZLEEjfb7TqpKYJ+g59QXw
-----END CERTIFICATE-----`

const job = createJob({ audio: 'none' })
const path = `/live/${job.streamId}/360p`
const delivery = createHls()
const publication = delivery.publish({ job, startTimeMs: 0 })
let folder: string
let server: HttpServer
let port: number

const create = (tls: { readonly certFile: string; readonly keyFile: string }): Promise<HttpServer> => {
  const orchestrator = `0x${'c'.repeat(40)}` as const
  const rig = createRig()
  return createHttpServer({
    options: { tls, corsOrigins: ['*'], trustedProxies: [], clientRate: { perSecond: 1, burst: 100 }, senderRate: { perSecond: 1, burst: 1 }, maxConnections: 100, maxRequestsPerConnection: 10, viewerRate: { perSecond: 1_000, burst: 10_000 }, egress: {} },
    log: pino({ level: 'silent' }),
    payments: { quote: async () => createRequest().quote },
    streams: rig.streams,
    guard: new RequestGuard({ domain: { chainId: 1, ticketBroker: orchestrator }, orchestrator, recover: recoverAddress, clock: systemClock }),
    freePixelsPerSecond: () => 0,
    publicUrl: () => 'https://localhost',
    iceServerUrls: [],
    delivery,
    readiness: async () => ({ isReady: true, checks: {} }),
    status: () => ({ version: '1', instance: 'i', orchestrator, chainId: 1, startedAt: 1, ...rig.streams.figures(), offeredPixelsPerSecond: 0, takenPixelsPerSecond: 0 }),
    observeRequest: () => undefined,
  })
}

const connectFrom = (localAddress: string): ClientHttp2Session =>
  connect(`https://localhost:${port}`, { ca: certificate, createConnection: (() => connectTls({ socket: connectSocket({ host: '127.0.0.1', port, localAddress }), ca: certificate, servername: 'localhost', ALPNProtocols: ['h2'] })) as never })

function ask(session: ClientHttp2Session, url: string, headers: Record<string, string> = {}): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const request = session.request({ ':path': url, ...headers })
    const chunks: Buffer[] = []
    let answered: IncomingHttpHeaders = {}
    request.on('response', (fields) => (answered = fields as IncomingHttpHeaders))
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('error', reject)
    request.once('end', () => resolve({ status: Number((answered as Record<string, unknown>)[':status']), headers: answered, body: Buffer.concat(chunks) }))
  })
}

function publishPart(seq: number, index: number): void {
  for (const { name } of job.ladder) publication.part({ rendition: name, seq, index, bytes: Buffer.alloc(100, index), startUs: seq * 1e6 + index * 1e5, durationUs: 1e5, independent: index === 0, frames: 3 })
}

beforeAll(async () => {
  for (const { name } of job.ladder) publication.init({ rendition: name, bytes: Uint8Array.of(1, 2, 3), codecs: 'avc1.42c01e' })
  for (let i = 0; i < 10; i++) publishPart(0, i)
  for (const { name } of job.ladder) publication.segment({ rendition: name, seq: 0, parts: 10, frames: 30, bytes: 1_000, startUs: 0, durationUs: 1e6, hash: '0x' })
  folder = await mkdtemp(join(tmpdir(), 'streamflow-tls-'))
  await writeFile(join(folder, 'key.pem'), key)
  await writeFile(join(folder, 'cert.pem'), certificate)
  server = await create({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') })
  port = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

describe('with a certificate', () => {
  it('speaks HTTP/2', async () => {
    const session = connect(`https://localhost:${port}`, { ca: certificate, lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }] as never, 4) })
    const request = session.request({ ':path': '/healthz' })
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    const status = await new Promise((resolve, reject) => {
      session.once('error', reject)
      request.once('response', (headers) => resolve(headers[':status']))
    })
    await new Promise((resolve) => request.once('end', resolve))
    expect([status, JSON.parse(body)]).toEqual([200, { status: 'ok', version: '1', instance: 'i' }])
    session.close()
  })

  it('speaks HTTP/1.1 to who knows no better', async () => {
    const status = await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', servername: 'localhost', port, path: '/healthz', ca: certificate, agent: false }, (response) => {
        response.resume()
        resolve([response.statusCode, response.httpVersion])
      }).once('error', reject)
    })
    expect(status).toEqual([200, '1.1'])
  })

  it('serves viewers over HTTP/2, compressed where they like', async () => {
    const session = connectFrom('127.0.0.1')
    const playlist = await ask(session, `${path}/index.m3u8`, { 'accept-encoding': 'gzip' })
    expect([playlist.status, playlist.headers['content-encoding'], playlist.headers['vary']]).toEqual([200, 'gzip', 'accept-encoding'])
    expect(gunzipSync(playlist.body).toString()).toContain('#EXTM3U')
    const part = await ask(session, `${path}/0.3.m4s`, { range: 'bytes=10-19' })
    expect([part.status, part.headers['content-range'], part.body.length]).toEqual([206, 'bytes 10-19/100', 10])
    expect(await ask(session, `${path}/0.3.m4s`, { ':method': 'HEAD' })).toMatchObject({ status: 200, headers: { 'content-length': '100' }, body: Buffer.alloc(0) })
    session.close()
  })

  it('lets one connection ask no more at once than it may, and shuts nobody else out', async () => {
    const greedy = connectFrom('127.0.0.1')
    const reloads = Array.from({ length: 12_000 }, () => ask(greedy, `${path}/index.m3u8?_HLS_msn=1&_HLS_part=0`).catch(() => undefined))
    const limit = await new Promise((resolve) => greedy.once('remoteSettings', ({ maxConcurrentStreams }) => resolve(maxConcurrentStreams)))
    expect(limit).toBe(10)
    const other = connectFrom('127.0.0.2')
    expect((await ask(other, `${path}/index.m3u8`)).status).toBe(200)
    const waiting = ask(other, `${path}/index.m3u8?_HLS_msn=1&_HLS_part=0`)
    // A round trip later the reload has arrived.
    await ask(other, `${path}/0.m4s`)
    publishPart(1, 0)
    expect((await waiting).body.toString()).toContain('1.0.m4s')
    greedy.destroy()
    await Promise.all(reloads)
    other.close()
  })

  it('cuts a request whose body comes drop by drop, and nothing else of its connection', async () => {
    const session = connectFrom('127.0.0.1')
    const slow = session.request({ ':method': 'POST', ':path': '/v1/quotes', 'content-type': 'application/json', 'content-length': '1000' })
    slow.on('error', () => undefined)
    const closed = new Promise((resolve) => slow.once('close', resolve))
    const timer = setInterval(() => slow.write('x'), 500)
    await closed
    clearInterval(timer)
    expect((await ask(session, `${path}/index.m3u8`)).status).toBe(200)
    session.close()
  }, 30_000)

  it('follows a stream over HTTP/2', async () => {
    const session = connectFrom('127.0.0.1')
    const request = session.request({ ':path': `/live/${job.streamId}/follow?rendition=180p` })
    const reader = new FollowReader()
    const kinds: string[] = []
    const arrived = (count: number): Promise<void> => new Promise((resolve) => {
      const read = (chunk: Buffer): void => {
        kinds.push(...reader.read(Uint8Array.from(chunk)).map(({ kind }) => kind))
        if (kinds.length < count) return
        request.off('data', read)
        resolve()
      }
      request.on('data', read)
    })
    await arrived(3)
    expect(kinds).toEqual(['head', 'init', 'part'])
    publishPart(1, 1)
    await arrived(4)
    expect(kinds.at(-1)).toBe('part')
    expect(delivery.followers).toBe(1)
    request.close()
    await expect.poll(() => delivery.followers).toBe(0)
    session.close()
  })

  it('says which file is no certificate', async () => {
    await expect(create({ certFile: join(folder, 'nothing.pem'), keyFile: join(folder, 'key.pem') })).rejects.toMatchObject({ code: 'ConfigInvalid', data: { certFile: join(folder, 'nothing.pem') } })
    await expect(create({ certFile: join(folder, 'key.pem'), keyFile: join(folder, 'key.pem') })).rejects.toMatchObject({ code: 'ConfigInvalid' })
  })
})
