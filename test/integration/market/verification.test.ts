/** Two real orchestrators, one of which shows a picture that stands still: everything it signs is right, but what it made. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findSystemPart } from '../../../examples/network/findSystemPart.mjs'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import type { Evidence } from '../../../sdk/src/protocol/evidence.js'
import { prepareMarket, type OperatorMachine } from '../server/ServerProgram.js'

/** The cheaper one cheats. */
let cheat: OperatorMachine
let honest: OperatorMachine
let folder: string

/** ffmpeg, but the picture of the second second stays: after it each picture is covered by it. Times and keyframes are the source's. */
const freeze = (ffmpeg: string): string => `#!/usr/bin/env bash
exec ${ffmpeg} "\${@/'[0:v:0]split'/[0:v:0]split=2[moving][still];[still]trim=end_frame=30[kept];[moving][kept]overlay=eof_action=repeat:format=yuv420,split}"
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-cheat-'))
  const freezing = join(folder, 'ffmpeg')
  await writeFile(freezing, freeze(findSystemPart('ffmpeg') ?? 'ffmpeg'))
  await chmod(freezing, 0o755)
  const common = { pixelsPerSecond: 100_000_000, processes: 1 }
  ;[cheat, honest] = await prepareMarket(
    { settings: { transcoder: { ...common, ffmpeg: freezing }, price: { perMillionPixels: '1000000000' } } },
    { settings: { transcoder: common, price: { perMillionPixels: '1500000000' } } },
  )
  await Promise.all([cheat, honest].map((machine) => machine.program.start(machine.url)))
})
afterAll(async () => {
  await honest?.close()
  await cheat?.close()
  await rm(folder, { recursive: true, force: true })
})

const seconds = 10

it('one whose picture stands still is found and left for good, with evidence, and what it spoilt made again by an honest one, which is not', async () => {
  const { network, senderKey } = cheat.chain
  const kept: Evidence[] = []
  const records = new Map<string, { readonly cause?: string }>()
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-t', String(seconds)] },
    {
      network,
      wallet: privateKeyToAccount(senderKey),
      budget: { spendCap: 10n ** 18n },
      orchestrators: { timeoutMs: 10_000, select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) },
      ladder: [{ name: '180p', width: 320, height: 180, bitrate: 400_000 }],
      verificationRate: 1,
      evidenceStore: { put: async (evidence) => void kept.push(evidence), list: async () => [], read: async () => undefined, remove: async () => undefined },
      reputationStore: { load: async () => [], save: async (record) => void records.set(record.orchestrator, record) },
    },
  )
  const looks: { readonly seq: number; readonly orchestrator: string; readonly outcome: string; readonly faults: readonly { readonly kind: string }[] }[] = []
  const settled: { readonly seq: number; readonly orchestrator: string }[] = []
  live.on('segment', ({ seq, orchestrator }) => settled.push({ seq, orchestrator }))
  const left: { readonly orchestrator: string; readonly reason: { readonly code: string } }[] = []
  live.on('verification', (look) => looks.push(look))
  live.on('left', (event) => left.push(event))
  expect(live.orchestrator).toBe(cheat.chain.orchestrator)
  await live.finished

  expect(live.state).toBe('ended')
  expect(left).toMatchObject([{ orchestrator: cheat.chain.orchestrator, reason: { code: 'SegmentFailedVerification' } }])
  expect(records.get(cheat.chain.orchestrator)).toMatchObject({ cause: 'SegmentFailedVerification' })
  expect(live.orchestrator).toBe(honest.chain.orchestrator)
  expect(live.explain().find(({ orchestrator }) => orchestrator === cheat.chain.orchestrator)).toMatchObject({ state: 'left', reasons: expect.arrayContaining([expect.stringContaining('SegmentFailedVerification')]) })

  const failed = looks.filter(({ outcome }) => outcome === 'failed')
  expect(failed.map(({ orchestrator }) => orchestrator)).toEqual([cheat.chain.orchestrator])
  const kinds = failed[0]?.faults.map(({ kind }) => kind)
  expect(kinds).toContain('motion')
  expect(kept).toMatchObject([{ receipt: { seq: failed[0]?.seq, orchestrator: cheat.chain.orchestrator }, renditions: [{ rendition: '180p' }] }])
  // What it spoilt was made again, and signed for, by the other.
  expect(settled).toContainEqual({ seq: failed[0]?.seq, orchestrator: honest.chain.orchestrator })
  // Looks at the honest one found nothing.
  const others = looks.filter(({ orchestrator }) => orchestrator === honest.chain.orchestrator)
  expect(others.flatMap(({ faults }) => faults)).toEqual([])
})
