import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recoverAddress } from '@streamflow/sdk/payments'
import { createRequest, createRig } from '../../../../test/streams/StreamRig.js'
import { systemClock } from '../../core/streams/clock.js'
import { RequestGuard } from '../../core/streams/requestGuard.js'
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

let folder: string
let server: HttpServer
let port: number

const create = (tls: { readonly certFile: string; readonly keyFile: string }): Promise<HttpServer> => {
  const orchestrator = `0x${'c'.repeat(40)}` as const
  const rig = createRig()
  return createHttpServer({
    options: { tls, corsOrigins: ['*'], trustedProxies: [], clientRate: { perSecond: 1, burst: 100 }, senderRate: { perSecond: 1, burst: 1 }, maxConnections: 10 },
    log: pino({ level: 'silent' }),
    payments: { quote: async () => createRequest().quote },
    streams: rig.streams,
    guard: new RequestGuard({ domain: { chainId: 1, ticketBroker: orchestrator }, orchestrator, recover: recoverAddress, clock: systemClock }),
    freePixelsPerSecond: () => 0,
    publicUrl: () => 'https://localhost',
    iceServerUrls: [],
    delivery: { handle: async () => ({ status: 200, headers: {}, body: '' }) },
    readiness: async () => ({ isReady: true, checks: {} }),
    status: () => ({ version: '1', instance: 'i', orchestrator, chainId: 1, startedAt: 1, ...rig.streams.figures(), offeredPixelsPerSecond: 0, takenPixelsPerSecond: 0 }),
    metrics: { contentType: 'text/plain', render: async () => '' },
    observeRequest: () => undefined,
  })
}

beforeAll(async () => {
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

  it('says which file is no certificate', async () => {
    await expect(create({ certFile: join(folder, 'nothing.pem'), keyFile: join(folder, 'key.pem') })).rejects.toMatchObject({ code: 'ConfigInvalid', data: { certFile: join(folder, 'nothing.pem') } })
    await expect(create({ certFile: join(folder, 'key.pem'), keyFile: join(folder, 'key.pem') })).rejects.toMatchObject({ code: 'ConfigInvalid' })
  })
})
