/** A real orchestrator for the tests of one file, with footage to send and broadcasters that go when their test ends. */

import { afterAll, afterEach, beforeAll } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { createFixture, type Fixture, type FixtureSegment } from '../../media-fixtures/matroskaFixture.js'
import { RawBroadcaster, type RawOptions } from './RawBroadcaster.js'
import { startLocalChain, startServer, type LocalChain, type RunningServer } from './startServer.js'

/** What a winning ticket pays here, wei. */
export const faceValue = 1_000_000_000_000n
const flags = { 'tickets-face-value': String(faceValue), 'http-sender-request-burst': '100', 'http-request-burst': '10000' }

/** See {@link setUpServer}. Its parts are there once the first test runs. */
export interface ServerRig {
  readonly chain: LocalChain
  readonly server: RunningServer
  readonly fixture: Fixture
  at(seq: number): FixtureSegment
  create(options?: Partial<RawOptions>): RawBroadcaster
  /** One that is connected and has sent its header. */
  start(options?: Partial<RawOptions>): Promise<RawBroadcaster>
  /** The server ends and comes back on its port. */
  restart(): Promise<void>
}

/** Starts everything before the file's tests and ends it after them. `seconds`: of footage. */
export function setUpServer({ seconds }: { readonly seconds: number }): ServerRig {
  const parts: { chain?: LocalChain; server?: RunningServer; fixture?: Fixture } = {}
  const open: RawBroadcaster[] = []
  const get = <Name extends keyof typeof parts>(name: Name): NonNullable<(typeof parts)[Name]> => {
    const part = parts[name]
    if (part === undefined) throw new RangeError(`${name}: only within a test`)
    return part
  }
  beforeAll(async () => {
    const port = await findFreePort(0)
    parts.fixture = await createFixture({ seconds })
    parts.chain = await startLocalChain({ publicPort: port })
    parts.server = await startServer(parts.chain, { port, flags })
  })
  afterAll(async () => {
    await parts.server?.close()
    await parts.chain?.close()
  })
  afterEach(() => {
    for (const broadcaster of open.splice(0)) broadcaster.vanish()
  })
  const create: ServerRig['create'] = (options = {}) => {
    const broadcaster = new RawBroadcaster({ chain: get('chain'), url: get('server').publicUrl, fixture: get('fixture'), ...options })
    open.push(broadcaster)
    return broadcaster
  }
  return {
    get chain() {
      return get('chain')
    },
    get server() {
      return get('server')
    },
    get fixture() {
      return get('fixture')
    },
    at(seq) {
      const segment = get('fixture').segments[seq]
      if (segment === undefined) throw new RangeError(`the fixture has no segment ${seq}`)
      return segment
    },
    create,
    async start(options) {
      const broadcaster = create(options)
      await broadcaster.connect()
      await broadcaster.sendHeader()
      return broadcaster
    },
    async restart() {
      const { port } = get('server')
      await get('server').close()
      parts.server = await startServer(get('chain'), { port, flags })
    },
  }
}
