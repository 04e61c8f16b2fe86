import { afterEach, expect, it } from 'vitest'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createMetrics } from '../metrics/createMetrics.js'
import { openOperatorServer, type OperatorServer } from './openOperatorServer.js'
import type { Delivery } from '../../core/delivery.js'
import type { ListedStream } from '../../core/streams/listedStream.js'
import type { Overview } from './operatorOverview.js'
import type { OperatorControl } from './operatorRequests.js'

/** No streams. */
const delivery: Delivery = {
  handle(_request, { send }) {
    send({ status: 404, type: 'text/plain', cacheControl: 'no-store', isText: true, body: Buffer.from('nothing') }, '/live/*')
    return undefined
  },
}

const token = 'a token that nobody guesses in a hurry'
/** Streams that run, and what was asked of them. */
function createControl(streams: `0x${string}`[] = [`0x${'a'.repeat(64)}`]) {
  const asked: string[] = []
  let price = 5n
  const control: OperatorControl = {
    token,
    listStreams: () => streams.map((streamId) => ({ streamId }) as ListedStream),
    endStream: async (streamId) => {
      if (!streams.includes(streamId)) throw new StreamflowError('StreamNotFound', 'no such stream is open here')
      streams.splice(0)
    },
    drain: async () => void streams.splice(0),
    redeem: async () => undefined,
    overview: async () => ({}) as Overview,
    market: async () => ({ sender: undefined, askedAt: 1, offers: [], refused: [] }),
    readLog: () => ['{"msg":"a line"}'],
    readPrice: async () => ({ perMillionPixels: price, lowest: 1n, highest: 10n, isMoved: true }),
    setPrice: async (wei) => {
      if (wei > 10n) throw new StreamflowError('InvalidArgument', 'beyond the bounds')
      price = wei
    },
    audit: async (what) => void asked.push(what),
  }
  return { control, asked }
}

let server: OperatorServer | undefined
afterEach(() => server?.close())

it('shows metrics, one rendering for all who ask within a second, and nothing else', async () => {
  let renderings = 0
  const metrics = createMetrics({ streams: () => ++renderings, peers: () => 0, leases: () => 0, alerts: () => ['diskLow'], capacity: () => ({ offeredPixelsPerSecond: 5, takenPixelsPerSecond: 2 }) })
  metrics.observeRequest({ route: '/live/*', method: 'GET', status: 200, elapsedMs: 1 })
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics, control: createControl().control, delivery })
  const ask = () => fetch(`${server?.url}/metrics`)
  const answers = await Promise.all([ask(), ask()])
  expect(answers[0].headers.get('content-type')).toContain('text/plain')
  const [first, second] = await Promise.all(answers.map((answer) => answer.text()))
  expect(first).toContain('streamflow_streams 1')
  expect(first).toContain('streamflow_alert{alert="diskLow"} 1')
  expect(first).toContain('streamflow_alert{alert="noStreams"} 0')
  expect(first).toContain('route="/live/*",method="GET",status="2xx"')
  expect(second).toBe(first)
  expect((await fetch(`${server.url}/`)).status).toBe(404)
  expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404)
})

it('says when its address cannot be had', async () => {
  const metrics = { contentType: 'text/plain', render: async () => '' }
  const parts = { host: '127.0.0.1', metrics, control: createControl().control, delivery }
  server = await openOperatorServer({ ...parts, port: 0 })
  await expect(openOperatorServer({ ...parts, port: Number(new URL(server.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('lets who has the token list and end streams, drain and redeem, says so, and lets nobody else', async () => {
  const streamId: `0x${string}` = `0x${'a'.repeat(64)}`
  const { control, asked } = createControl([streamId])
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics: { contentType: 'text/plain', render: async () => '' }, control, delivery })
  const ask = async (method: string, path: string, authorization = `Bearer ${token}`) => {
    const response = await fetch(`${server?.url}${path}`, { method, headers: { authorization } })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  for (const wrong of ['', 'Bearer ', `Bearer ${token}x`, token]) expect(await ask('DELETE', `/streams/${streamId}`, wrong)).toMatchObject({ status: 401, body: { code: 'Unauthorized' } })
  expect(await ask('GET', '/streams')).toEqual({ status: 200, body: { streams: [{ streamId }] } })
  expect(await ask('DELETE', `/streams/0x${'b'.repeat(64)}`)).toMatchObject({ status: 404, body: { code: 'StreamNotFound' } })
  expect(await ask('DELETE', `/streams/${streamId}`)).toEqual({ status: 200, body: { streamId } })
  expect(await ask('GET', '/price')).toMatchObject({ body: { perMillionPixels: '5' } })
  expect(await ask('PUT', '/price/11')).toMatchObject({ status: 400, body: { code: 'InvalidArgument' } })
  expect(await ask('PUT', '/price/9')).toMatchObject({ status: 200, body: { perMillionPixels: '9' } })
  expect(await ask('GET', '/log')).toEqual({ status: 200, body: { lines: ['{"msg":"a line"}'] } })
  for (const path of ['/overview', '/market', '/log', '/price']) expect((await fetch(`${server.url}${path}`)).status).toBe(401)
  expect(await ask('POST', '/redeem')).toEqual({ status: 200, body: {} })
  expect(await ask('POST', '/drain')).toEqual({ status: 200, body: { streams: 0 } })
  expect(asked).toEqual([`end stream 0x${'b'.repeat(64)}`, `end stream ${streamId}`, 'set price 11', 'set price 9', 'redeem now', 'drain'])
  for (const [method, path] of [['GET', '/drain'], ['POST', '/streams'], ['DELETE', '/streams/0xaa']] as const) expect((await fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
})

it('serves its page with nothing in it that could be told to run, and with nobody’s data', async () => {
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics: { contentType: 'text/plain', render: async () => '' }, control: createControl().control, delivery })
  const response = await fetch(`${server.url}/admin`)
  const page = await response.text()
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/)
  expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\bon[a-z]+=|\bstyle=/)
  expect((await fetch(`${server.url}/admin/admin.css`)).headers.get('content-type')).toContain('text/css')
  for (const path of ['/admin/../package.json', '/admin/%2e%2e/package.json', '/admin/other.js']) expect((await fetch(`${server.url}${path}`)).status).toBe(404)
  expect((await fetch(`${server.url}/live/0x00/master.m3u8`)).status).toBe(404)
})
