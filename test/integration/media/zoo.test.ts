/** Media as people have them, through Node's `broadcast`, a real orchestrator with real ffmpeg, and HLS, looked at as a viewer. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { broadcast, type BroadcastOptions } from '../../../sdk/src/node/broadcast.js'
import type { ReadableInput } from '../../../sdk/src/node/capture/nameInput.js'
import { playKind } from '../../media-fixtures/playKind.mjs'
import { zoo } from '../../media-fixtures/zoo.mjs'
import { startLocalChain, startServer, type LocalChain, type RunningServer } from '../server/startServer.js'

/** Of the zoo (all of it: `npm run bench -- media`), what went wrong once. */
const chosen = [
  'sound-ends', 'sound-late', 'sound-pauses', 'sound-of-one-packet', 'sound-early', 'sound-outlasts',
  'sound-ac3', 'sound-of-48-channels', 'sound-of-unknown-codec',
  'jitter', 'rate-240', 'size-changes', 'h264-uneven-keyframes', 'h264-recovery-points', 'h264-copied',
  'live-ts-pipe', 'live-ts-pipe-unpaced', 'hole-of-pictures', 'hole-of-10-s', 'clock-wraps', 'clock-starts-over', 'clock-leaps',
  'too-wide', 'playlist', 'concat-script', 'sound-alone', 'cover', 'empty', 'without-index', 'nobody-there',
]
const atOnce = 2
const playedWithinMs = 900_000

let chain: LocalChain
let server: RunningServer
let folder = ''
const results = new Map<string, Awaited<ReturnType<typeof playKind>>>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-zoo-'))
  const port = await findFreePort(0)
  chain = await startLocalChain({ publicPort: port })
  server = await startServer(chain, { port, flags: { 'transcoder-pixels-per-second': '1000000000' } })
  const start = (input: unknown, options: Record<string, unknown>) =>
    broadcast(input as ReadableInput, { network: chain.network, wallet: privateKeyToAccount(chain.senderKey), budget: { spendCap: 10n ** 18n }, orchestrators: { timeoutMs: 20_000 }, ...(options as Partial<BroadcastOptions>) })
  const waiting = zoo.filter(({ name }) => chosen.includes(name))
  const work = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
      const place = join(folder, kind.name)
      mkdirSync(place)
      const path = join(place, `${kind.name}.${kind.extension}`)
      kind.make(path)
      results.set(kind.name, await playKind(kind, path, start))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}, playedWithinMs)
afterAll(async () => {
  await server?.close()
  await chain?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a viewer of any media', () => {
  it.each(chosen)('sees what there is to see of %s', (name) => {
    expect(results.get(name)).toMatchObject({ problems: [], lostSegments: 0 })
  })
})
