// Live streams of every kind side by side through a real orchestrator with real ffmpeg, polled by a client that forgives
// nothing; and hours of playlists by a simulated clock. `npm run bench -- hls [--seconds S]`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { broadcast } from '@streamflow/sdk/node'
import { parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { parseMediaPlaylist } from '../harness/mediaPlaylist.mjs'
import { Findings, watchStrictly } from '../harness/strictClient.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, hours: { type: 'string', default: '6' } } })
const seconds = Number(values.seconds)
const hours = Number(values.hours)
const size = { width: 160, height: 90 }
const ladder = [{ name: '90p', ...size, bitrate: 150_000 }]
const kinds = [
  { kind: '25 fps', rate: '25' },
  { kind: '29.97 fps', rate: '30000/1001' },
  { kind: '60 fps', rate: '60' },
  // Two seconds of 20, two of 30.
  { kind: '20–30 fps', rate: '30', select: "if(lt(mod(t\\,4)\\,2)\\,mod(n\\,3)\\,1)" },
].flatMap((kind) => [{ ...kind, hasSound: true }, { ...kind, kind: `${kind.kind}, no sound`, hasSound: false }])

function inputOf({ rate, select, hasSound }) {
  const picture = `testsrc2=size=${size.width}x${size.height}:rate=${rate}${select === undefined ? '' : `,select='${select}'`}[out0]`
  return { ffmpegInput: ['-re', '-f', 'lavfi', '-i', hasSound ? `${picture};sine=frequency=440:sample_rate=48000[out1]` : picture, '-t', String(seconds)] }
}

/** One stream, from its first segment to its last. */
async function watchStream(kind, network) {
  const live = await broadcast(inputOf(kind), {
    network: network.network, wallet: privateKeyToAccount(network.development.key), budget: { spendCap: parseEther('1') }, ladder, orchestrators: { timeoutMs: 10_000 },
  })
  const stop = new AbortController()
  const watched = watchStrictly(live.playbackUrl, { signal: stop.signal })
  await live.finished
  // The playlists end with the stream; what still waits then is a violation of its own kind.
  const timer = setTimeout(() => stop.abort(), 15_000)
  const findings = await watched
  clearTimeout(timer)
  if (stop.signal.aborted) findings.add('a playlist did not end with its stream', kind.kind)
  if (live.stats.segmentsLost > 0) findings.add('segments lost', String(live.stats.segmentsLost))
  return { kind: kind.kind, findings }
}

/** What playlists declare of streams that last for hours, beside the exact time of their media. @returns microseconds */
async function measureSimulatedDrift() {
  const sources = fileURLToPath(new URL('../../orchestrator/src/', import.meta.url))
  const bundles = [await bundleForNode(join(sources, 'core/partTiming.ts')), await bundleForNode(join(sources, 'adapters/hls/liveStream.ts'))]
  try {
    const [timing, { LiveStream }] = await Promise.all(bundles.map((bundle) => import(pathToFileURL(bundle).href)))
    let mostUs = 0
    for (const frameRate of [23.976, 25, 29.97, 47.3, 60]) mostUs = Math.max(mostUs, simulate(frameRate, timing, LiveStream))
    return mostUs
  } finally {
    for (const bundle of bundles) rmSync(bundle, { force: true })
  }
}

function simulate(frameRate, { audioGrid, computePartPlan, computeSoundStart, computeUnitStartUs }, LiveStream) {
  const job = { streamId: `0x${'00'.repeat(32)}`, input: { container: 'matroska', video: { codec: 'h264', ...size, frameRate }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } }, ladder, partDurationMs: 100, segmentDurationMs: 1_000 }
  const { grid, picturesPerPart, soundsPerPart } = computePartPlan(job)
  const stream = new LiveStream({ job, startTimeMs: 0, windowSegments: 8, windowBytes: 1e6, changed: () => undefined, ended: () => undefined })
  const slotsPerSegment = Math.ceil(frameRate)
  const tracks = [
    { rendition: ladder[0].name, track: grid, perPart: picturesPerPart, startOf: (seq) => seq * slotsPerSegment },
    { rendition: 'audio', track: audioGrid, perPart: soundsPerPart, startOf: (seq) => computeSoundStart(grid, seq * slotsPerSegment) },
  ].map((each) => ({ ...each, declaredUs: 0 }))
  let mostUs = 0
  for (let seq = 0; seq < hours * 3_600; seq++) {
    for (const each of tracks) {
      const { rendition, track, perPart, startOf } = each
      const end = startOf(seq + 1)
      let index = 0
      for (let unit = startOf(seq); unit < end; unit += perPart) {
        const startUs = computeUnitStartUs(track, unit)
        const durationUs = computeUnitStartUs(track, Math.min(end, unit + perPart)) - startUs
        stream.part({ rendition, seq, index: index++, bytes: new Uint8Array(1), startUs, durationUs, independent: true, frames: perPart })
      }
      stream.segment({ rendition, seq, parts: index, frames: 1, bytes: index, startUs: computeUnitStartUs(track, startOf(seq)), durationUs: 0, hash: '0x' })
      each.declaredUs += parseMediaPlaylist(stream.renderMedia(stream.window(rendition), false)).segments.at(-1).durationUs
      const exactUs = Number((BigInt(end) * BigInt(track.ticksPerUnit) * 1_000_000_000n) / BigInt(track.ticksPerSecond)) / 1e3
      mostUs = Math.max(mostUs, Math.abs(exactUs - each.declaredUs))
    }
  }
  return mostUs
}

/** Measures, prints a table, returns the figures. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-hls-'))
  const network = await startNetwork({ folder, anyPorts: true })
  try {
    const simulatedUs = await measureSimulatedDrift()
    const streams = await Promise.all(kinds.map((kind) => watchStream(kind, network)))
    const all = new Findings()
    console.log(`Live streams side by side for ${seconds} s, polled by a strict client; playlists of ${hours} h by a simulated clock`)
    console.table(streams.map(({ kind, findings }) => ({
      stream: kind, segments: findings.segments, parts: findings.parts, discontinuities: findings.discontinuities, violations: findings.count, 'drift (µs)': Number(findings.driftUs.toFixed(2)),
    })))
    for (const { kind, findings } of streams) {
      for (const [violation, { count, examples }] of findings.violations) {
        for (let i = 0; i < count; i++) all.add(violation, `${kind}, ${examples[i] ?? ''}`)
      }
    }
    if (all.count > 0) console.table([...all.violations].map(([violation, { count, examples }]) => ({ violation, count, example: examples[0] })))
    const driftUs = Math.max(simulatedUs, ...streams.map(({ findings }) => findings.driftUs))
    return { name: 'hls', violations: all.count, driftUs: Number(driftUs.toFixed(2)), segments: streams.reduce((sum, { findings }) => sum + findings.segments, 0), simulatedDriftUs: Number(simulatedUs.toFixed(2)) }
  } finally {
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
