import { afterEach, expect, it } from 'vitest'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createMetrics } from '../metrics/createMetrics.js'
import { openOperatorServer, type OperatorServer } from './openOperatorServer.js'
import type { OperatorControl } from './operatorRequests.js'

const token = 'a token that nobody guesses in a hurry'
/** Streams that run, and what was asked of them. */
function createControl(streams = [`0x${'a'.repeat(64)}`]) {
  const asked: string[] = []
  const control: OperatorControl = {
    token,
    listStreams: () => streams.map((streamId) => ({ streamId })),
    endStream: async (streamId) => {
      if (!streams.includes(streamId)) throw new StreamflowError('StreamNotFound', 'no such stream is open here')
      streams.splice(0)
    },
    drain: async () => void streams.splice(0),
    redeem: async () => undefined,
    audit: (what) => void asked.push(what),
  }
  return { control, asked }
}

let server: OperatorServer | undefined
afterEach(() => server?.close())

it('shows metrics, one rendering for all who ask within a second, and nothing else', async () => {
  let renderings = 0
  const metrics = createMetrics({ streams: () => ++renderings, peers: () => 0, capacity: () => ({ offeredPixelsPerSecond: 5, takenPixelsPerSecond: 2 }) })
  metrics.observeRequest({ route: '/live/*', method: 'GET', status: 200, elapsedMs: 1 })
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics, control: createControl().control })
  const ask = () => fetch(`${server?.url}/metrics`)
  const answers = await Promise.all([ask(), ask()])
  expect(answers[0].headers.get('content-type')).toContain('text/plain')
  const [first, second] = await Promise.all(answers.map((answer) => answer.text()))
  expect(first).toContain('streamflow_streams 1')
  expect(first).toContain('route="/live/*",method="GET",status="2xx"')
  expect(second).toBe(first)
  expect((await fetch(`${server.url}/`)).status).toBe(404)
  expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404)
})

it('says when its address cannot be had', async () => {
  const metrics = { contentType: 'text/plain', render: async () => '' }
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics, control: createControl().control })
  await expect(openOperatorServer({ host: '127.0.0.1', port: Number(new URL(server.url).port), metrics, control: createControl().control })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('lets who has the token list and end streams, drain and redeem, says so, and lets nobody else', async () => {
  const streamId = `0x${'a'.repeat(64)}`
  const { control, asked } = createControl([streamId])
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics: { contentType: 'text/plain', render: async () => '' }, control })
  const ask = async (method: string, path: string, authorization = `Bearer ${token}`) => {
    const response = await fetch(`${server?.url}${path}`, { method, headers: { authorization } })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  for (const wrong of ['', 'Bearer ', `Bearer ${token}x`, token]) expect(await ask('DELETE', `/streams/${streamId}`, wrong)).toMatchObject({ status: 401, body: { code: 'Unauthorized' } })
  expect(await ask('GET', '/streams')).toEqual({ status: 200, body: { streams: [{ streamId }] } })
  expect(await ask('DELETE', `/streams/0x${'b'.repeat(64)}`)).toMatchObject({ status: 404, body: { code: 'StreamNotFound' } })
  expect(await ask('DELETE', `/streams/${streamId}`)).toEqual({ status: 200, body: { streamId } })
  expect(await ask('POST', '/redeem')).toEqual({ status: 200, body: {} })
  expect(await ask('POST', '/drain')).toEqual({ status: 200, body: { streams: 0 } })
  expect(asked).toEqual([`end stream 0x${'b'.repeat(64)}`, `end stream ${streamId}`, 'redeem now', 'drain'])
  for (const [method, path] of [['GET', '/drain'], ['POST', '/streams'], ['DELETE', '/streams/0xaa']] as const) expect((await fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
})
