/** The dashboard that operators are given asks for metrics that there are. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createMetrics } from './createMetrics.js'

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly targets: readonly { readonly expr: string }[] }[]
}

const path = fileURLToPath(new URL('../../../deploy/grafana.json', import.meta.url))
const metricPattern = /\b(?:streamflow|process|nodejs)_[a-z0-9_]+/g

test('every metric and label of the dashboard is one of those that an orchestrator has', async () => {
  const dashboard = JSON.parse(readFileSync(path, 'utf8')) as Dashboard
  const metrics = createMetrics({ streams: () => 0, peers: () => 0, leases: () => 0, capacity: () => ({ offeredPixelsPerSecond: 0, takenPixelsPerSecond: 0 }), alerts: () => [] })
  const rendered = await metrics.render()
  const known = new Set([...rendered.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])))
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  const asked = new Set(expressions.flatMap((expr) => expr.match(metricPattern) ?? []))
  expect([...asked].filter((name) => !known.has(name))).toEqual([])

  for (const expr of expressions) expect(expr).toMatch(/streamflow_|process_|nodejs_/)
  expect(asked.size).toBeGreaterThan(20)
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
})
