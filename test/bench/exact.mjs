// What the exact service (each segment in an ffmpeg of its own, one thread, results that can be repeated to the byte) costs
// over the ordinary one: the same 20 s of 640×360 with sound into 640×360 and 320×180, segments of one second, in one run.
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const seconds = 20

const bundle = await bundleForNode(fileURLToPath(new URL('../media-fixtures/measureExact.ts', import.meta.url)))
try {
  const { measureExact } = await import(pathToFileURL(bundle).href)
  const { ordinary, exact } = await measureExact(seconds)
  const describe = ({ processorSeconds, latencyMs, segments }) => ({ 'processor, s': processorSeconds.toFixed(2), 'share of a core, %': ((100 * processorSeconds) / seconds).toFixed(1), 'picture to part p50, ms': latencyMs.p50.toFixed(0), 'p95, ms': latencyMs.p95.toFixed(0), segments })
  console.table({ ordinary: describe(ordinary), exact: describe(exact) })
  const processorRatio = Number((exact.processorSeconds / ordinary.processorSeconds).toFixed(2))
  const perSegmentMs = Math.round((1_000 * (exact.processorSeconds - ordinary.processorSeconds)) / exact.segments)
  console.log(`Each segment costs ${perSegmentMs} ms of a processor more: an ffmpeg is started for it.`)
  console.log(`RESULT ${JSON.stringify({ name: 'exact', processorRatio, perSegmentMs, latencyMs: { ordinary: Math.round(ordinary.latencyMs.p50), exact: Math.round(exact.latencyMs.p50) } })}`)
} finally {
  rmSync(bundle, { force: true })
}
