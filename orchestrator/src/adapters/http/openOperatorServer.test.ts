import { afterEach, expect, it } from 'vitest'
import { createMetrics } from '../metrics/createMetrics.js'
import { openOperatorServer, type OperatorServer } from './openOperatorServer.js'

let server: OperatorServer | undefined
afterEach(() => server?.close())

it('shows metrics, one rendering for all who ask within a second, and nothing else', async () => {
  let renderings = 0
  const metrics = createMetrics({ streams: () => ++renderings, peers: () => 0, capacity: () => ({ offeredPixelsPerSecond: 5, takenPixelsPerSecond: 2 }) })
  metrics.observeRequest({ route: '/live/*', method: 'GET', status: 200, elapsedMs: 1 })
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics })
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
  server = await openOperatorServer({ host: '127.0.0.1', port: 0, metrics })
  await expect(openOperatorServer({ host: '127.0.0.1', port: Number(new URL(server.url).port), metrics })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
