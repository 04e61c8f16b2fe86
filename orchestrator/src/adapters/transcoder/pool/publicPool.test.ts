/** Members that let themselves into a public pool: real nats-server with credentials, real programs, real pictures and checks. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { connect, credsAuthenticator } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../../../../../test/media-fixtures/matroskaFixture.js'
import { startNatsServer, type NatsServer } from '../../../../../test/media-fixtures/natsServer.js'
import { startPoolMember } from '../../../../../test/media-fixtures/poolMembers.js'
import { openRelayed } from '../../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../../test/media-fixtures/transcoderBundle.js'
import { createJob, sendAll, sendSegment, TranscodeRecorder } from '../../../../../test/media-fixtures/transcodeRecorder.js'
import type { PoolBooks } from '../../../core/pool/books.js'
import { createReferee, type RefereeEvent } from '../../../core/pool/createReferee.js'
import { encodeResult, type SegmentResult } from '../../../core/pool/result.js'
import { computeAtRisk, computeWithheld, type PoolPolicy } from '../../../core/pool/standing.js'
import type { Transcoders } from '../../../core/transcoding.js'
import { createEvidenceKeeper, createPoolCheck } from '../../../openPublicPool.js'
import { addPoolDoor } from '../../http/poolDoor.js'
import { createPoolBooks } from '../../ledger/createPoolBooks.js'
import { createTranscoders } from '../createTranscoders.js'
import { askDoor, type PublicIdentity } from './askDoor.js'
import { createPool, type PoolLogEvent } from './createPool.js'
import { isSignedBy } from './credentials.js'
import { joinPool } from './joinPool.js'
import { addMember, openDoor } from './poolAuthority.js'
import { createSha256 } from './ResultSigner.js'
import { nameSubjects } from './subjects.js'

const directory = mkdtempSync(join(tmpdir(), 'streamflow-public-'))
const pool = '0x1111111111111111111111111111111111111111'
const payTo = `0x${'2'.repeat(40)}` as const
const policy: PoolPolicy = { payPerMillionPixels: 100n, pricePerMillionPixels: 200n, deposit: 10n ** 6n, allowance: 10n ** 6n, leastCheckedOneIn: 20, minimumPayout: 1n }
let nats: NatsServer
let plain: Fixture
let other: Fixture
let books: PoolBooks
let doorUrl = ''
let orchestratorFile = ''
const closers: (() => unknown)[] = []

beforeAll(async () => {
  let serverFile = ''
  ;[nats, plain, other] = await Promise.all([
    startNatsServer((listen) => {
      ;({ credentialsFile: orchestratorFile, serverFile } = addMember({ directory, listen }, { pool, name: 'orchestrator', role: 'orchestrator' }))
      return serverFile
    }),
    createFixture({ seconds: 4 }), createFixture({ seconds: 4, videoFilter: 'negate,hflip' }),
  ])
  books = createPoolBooks(join(directory, 'ledger.sqlite'))
  const encode = openDoor(directory, pool)
  const server = fastify()
  addPoolDoor(server, { pool, servers: [nats.url], admit: (key) => Promise.resolve(encode(key)) })
  await server.listen({ port: 0, host: '127.0.0.1' })
  doorUrl = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  lasting.push(() => server.close())
}, 60_000)
const lasting: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(async () => {
  for (const close of lasting) await close()
  await nats.stop()
  await books.close()
  rmSync(directory, { recursive: true, force: true })
})

/** An orchestrator of the pool, and what it says. */
function openPool() {
  const events: (RefereeEvent | PoolLogEvent)[] = []
  const referee = createReferee({
    pool, books, policy, check: createPoolCheck('ffmpeg'), keep: createEvidenceKeeper(directory),
    verify: (member, bytes, signature) => isSignedBy(member, bytes, Buffer.from(signature.slice(2), 'hex')),
    sha256: createSha256, random: Math.random, now: () => Date.now() / 1_000, observe: (event) => events.push(event),
  })
  const opened = createPool({ servers: [nats.url], credentials: readFileSync(orchestratorFile, 'utf8'), name: pool, referee, log: (event) => events.push(event) })
  closers.push(() => opened.close())
  return { opened, events, referee }
}

/** Joins with transcoders whose every transcode is changed. */
async function joinWith(change: (transcoders: Transcoders) => Transcoders, changeOwn: (own: PublicIdentity['own']) => PublicIdentity['own'] = (own) => own): Promise<string> {
  const identity = await askDoor({ url: doorUrl, keyFile: join(directory, `member-${closers.length}-${Math.random()}.nk`), payTo })
  const transcoders = createTranscoders({ count: 1, command: await getTranscoderCommand(), pixelsPerSecond: 1e9 })
  const membership = joinPool({ ...identity, own: changeOwn(identity.own), transcoders: change(transcoders), encoders: () => [], log: () => undefined })
  closers.push(() => transcoders.close(), () => membership.close())
  return identity.holder.slice('public-'.length)
}

test('who joins by itself is let in by the door, paid for what it signs, and checked', async () => {
  const { opened, events } = openPool()
  const keyFile = join(directory, 'honest.nk')
  const member = await startPoolMember({ url: doorUrl, flags: ['--pool-key', keyFile, '--pay-to', payTo] })
  closers.push(() => member.kill())
  await opened.ready(30_000)
  const recorder = new TranscodeRecorder()
  await sendAll(await openRelayed(opened, createJob(), recorder), plain)
  const { holder } = await askDoor({ url: doorUrl, keyFile, payTo })
  const read = async () => (await books.read(holder.slice('public-'.length))).account
  await expect.poll(async () => (await read())?.passed, { timeout: 30_000 }).toBe(plain.segments.length)
  const account = await read()
  const pixels = plain.segments.reduce((sum, { frames }) => sum + BigInt(frames * (640 * 360 + 320 * 180)), 0n)
  expect(account).toMatchObject({ segments: plain.segments.length, pixels, payTo, isBanned: false, paid: 0n })
  // Each segment's earnings are rounded down.
  expect(account?.earned).toBe(plain.segments.reduce((sum, { frames }) => sum + (BigInt(frames * (640 * 360 + 320 * 180)) * 100n) / 1_000_000n, 0n))
  expect(account && [computeAtRisk(account), computeWithheld(account, policy)]).toEqual([0n, account?.earned])
  expect(events.filter(({ type }) => type !== 'transcoderJoined')).toEqual([])
  expect(recorder.segmentsOf('360p').length).toBe(plain.segments.length)
})

test('who shows other pictures is banned by a check: it loses what was withheld, the evidence is what it signed, and it gets nothing more', async () => {
  const { opened, events, referee } = openPool()
  const member = await joinWith((transcoders) => ({
    ...transcoders, capacity: () => transcoders.capacity(), close: () => transcoders.close(),
    async admit(job, options) {
      const place = await transcoders.admit(job, options)
      return {
        release: () => place.release(),
        async start(sink) {
          const inner = await place.start(sink)
          let at = { segment: 0, chunk: 0 }
          return {
            header: () => inner.header(other.header),
            openSegment(segment) {
              at = { segment: segment.seq, chunk: 0 }
              inner.openSegment(segment)
            },
            write: () => {
              const chunk = other.segments[at.segment]?.chunks[at.chunk++]
              return chunk === undefined ? true : inner.write(chunk.bytes)
            },
            closeSegment: (segment) => inner.closeSegment(segment),
            end: () => inner.end(), abort: () => inner.abort(),
          }
        },
      }
    },
  }))
  await opened.ready(30_000)
  const running = await openRelayed(opened, createJob(), new TranscodeRecorder())
  running.header(plain.header)
  for (const segment of plain.segments.slice(0, 2)) sendSegment(running, segment)
  await expect.poll(() => events.find(({ type }) => type === 'memberBanned'), { timeout: 30_000 }).toMatchObject({ member })
  const { account } = await books.read(member)
  expect(account).toMatchObject({ isBanned: true, paid: 0n, taken: account?.earned })
  expect(account && account.taken > 0n).toBe(true)
  const { signature, faults, files, rendition, ...signed } = JSON.parse(account?.evidence ?? '') as Omit<SegmentResult, 'pixels'> & { readonly pixels: string; readonly signature: string; readonly faults: readonly string[]; readonly files: string; readonly rendition: string }
  expect(isSignedBy(member, encodeResult({ ...signed, pool, pixels: BigInt(signed.pixels) }), Buffer.from(signature.slice(2), 'hex'))).toBe(true)
  expect([faults.length > 0, ['360p', '180p'].includes(rendition), existsSync(join(files, 'source.mkv')), existsSync(join(files, 'rendition.mp4'))]).toEqual([true, true, true, true])
  await expect.poll(() => referee.computeRate(member)).toBe(0)
  expect(opened.list().map(({ isReady }) => isReady)).toEqual([false])
  await running.abort()
})

test('who signs something else than it made, or as somebody else, is given nothing for a while, and is not paid for it', async () => {
  const { opened, events } = openPool()
  const member = await joinWith((transcoders) => transcoders, ({ sign }) => ({ payTo, sign: (bytes) => sign(Buffer.concat([bytes, Buffer.from('!')])) }))
  await opened.ready(30_000)
  const running = await openRelayed(opened, createJob(), new TranscodeRecorder())
  running.header(plain.header)
  for (const segment of plain.segments.slice(0, 2)) sendSegment(running, segment)
  await expect.poll(() => events.find(({ type }) => type === 'memberRefused'), { timeout: 30_000 }).toMatchObject({ member })
  expect((await books.read(member)).account).toBeUndefined()
  expect(opened.list().map(({ isReady }) => isReady)).toEqual([false])
  await running.abort()
})

test('the door’s credential hears and says nothing under another name', async () => {
  const { credentials, holder } = await askDoor({ url: doorUrl, keyFile: join(directory, 'curious.nk'), payTo })
  const connection = await connect({ servers: nats.url, reconnect: false, authenticator: credsAuthenticator(Buffer.from(credentials)) })
  const refused: string[] = []
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') refused.push(String(status.error.message))
  })()
  const subjects = nameSubjects(pool)
  connection.subscribe(subjects.work({ holder: '*', run: '*' }, '*'))
  connection.subscribe(subjects.work({ holder, run: 'mine' }, '*'))
  connection.publish(subjects.offer({ holder: holder.slice('public-'.length), run: 'as-if-trusted' }), '{}')
  connection.publish(subjects.offer({ holder, run: 'mine' }), '{}')
  await connection.flush()
  await expect.poll(() => refused.length).toBe(2)
  await connection.close()
})
