/** The hooks in a real page, in React's strict mode, which mounts everything twice. */

import { expect } from 'chai'
import { createElement, StrictMode, useEffect } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import type { PageBroadcast } from '../actions/broadcast.js'
import type { Feed, FeedEvents } from '../actions/createFeed.js'
import type { Streamflow } from '../actions/createStreamflow.js'
import type { Funds } from '../actions/funds.js'
import { newStream } from '../actions/watchedPlayer.js'
import type { BroadcastEvents, BroadcastState } from '../broadcaster/broadcast.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { createEmitter } from '../units/emitter.js'
import { useBroadcast, useDevices, useFunds, useMarket, useWatch } from './index.js'

/** A component that uses a hook, and what the hook gives, after each change. */
interface Used<Result> {
  readonly now: Result
  /** Resolves as soon as it is so. */
  until(isSo: (result: Result) => boolean): Promise<Result>
  leave(): void
}

const roots: Root[] = []
function use<Result>(hook: () => Result, draw: (result: Result) => ReturnType<typeof createElement> | null = () => null): Used<Result> {
  const waiting = new Set<() => void>()
  let now: Result
  function Component(): ReturnType<typeof createElement> | null {
    const result = hook()
    useEffect(() => {
      now = result
      for (const look of [...waiting]) look()
    })
    return draw(result)
  }
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  roots.push(root)
  root.render(createElement(StrictMode, undefined, createElement(Component)))
  return {
    get now() {
      return now
    },
    until: (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (now === undefined || !isSo(now)) return
          waiting.delete(look)
          resolve(now)
        }
        waiting.add(look)
        look()
      }),
    leave() {
      root.unmount()
      place.remove()
    },
  }
}

const sender = `0x${'1'.repeat(40)}` as const

/** A broadcast that is made by hand. */
function createLive(): { readonly live: PageBroadcast; readonly emit: ReturnType<typeof createEmitter<BroadcastEvents>>['emit']; readonly stops: () => number } {
  const emitter = createEmitter<BroadcastEvents>()
  let stops = 0
  let state: BroadcastState = 'live'
  let end: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (end = resolve))
  const stop = async (): Promise<void> => {
    stops++
    state = 'ended'
    emitter.emit('state', { state })
    end()
  }
  const live = {
    ...emitter,
    finished,
    stop,
    get state() {
      return state
    },
  } as unknown as PageBroadcast
  return { live, emit: emitter.emit, stops: () => stops }
}

describe('hooks', () => {
  afterEach(() => {
    for (const root of roots.splice(0)) root.unmount()
  })

  it('useWatch plays in an element, in strict mode too, and lets go of it with the component', async () => {
    const url = newStream()
    const used = use(
      () => useWatch(url),
      ({ ref }) => createElement('video', { muted: true, ref, id: 'watched' }),
    )
    const { player, levels } = await used.until(({ state, levels: found, latencyMs }) => state === 'playing' && found.length > 0 && latencyMs !== undefined)
    expect(levels.map(({ name }) => name)).to.deep.equal(['90p', '180p'])
    expect(player!.engine).to.equal('follow')
    const element = document.querySelector<HTMLVideoElement>('#watched')!
    used.leave()
    expect(element.src).to.equal('')
    expect(element.readyState).to.equal(0)
  })

  it('useWatch waits for an address, and tells of one that is none', async () => {
    const none = use(() => useWatch(undefined), ({ ref }) => createElement('video', { ref }))
    expect((await none.until(() => true)).state).to.equal('waiting')
    const url = newStream('?missing=1000')
    const gone = use(() => useWatch(url, { waitMs: 100 }), ({ ref }) => createElement('video', { ref }))
    expect((await gone.until(({ state }) => state === 'failed')).error!.code).to.equal('StreamNotFound')
  })

  it('useDevices lists what is connected', async () => {
    const used = use(useDevices)
    const { cameras, error } = await used.until(({ isNamed }) => isNamed)
    expect(cameras.length).to.be.greaterThan(0)
    expect(error).to.equal(undefined)
  })

  it('useBroadcast goes live once, tells what happens, and ends with the component', async () => {
    const { live, emit, stops } = createLive()
    let asked = 0
    const streamflow = { broadcast: async () => (asked++, live) } as unknown as Streamflow
    const used = use(() => useBroadcast(streamflow))
    const { start } = await used.until(({ state }) => state === 'idle')
    const options = { budget: { spendCap: '0.05' } }
    void start(new MediaStream(), options)
    void start(new MediaStream(), options)
    expect((await used.until(({ state }) => state === 'live')).live).to.equal(live)
    expect(asked).to.equal(1)
    emit('state', { state: 'reconnecting' })
    await used.until(({ state }) => state === 'reconnecting')
    const warning = new StreamflowError('LowPMBalance', 'soon')
    emit('warning', warning)
    expect((await used.until(({ warning: told }) => told !== undefined)).warning).to.equal(warning)
    used.leave()
    await live.finished
    expect(stops()).to.equal(1)
  })

  it('useBroadcast tells why it did not start, and forgets a start that was called off', async () => {
    const refusal = new StreamflowError('WalletRejected', 'no')
    const failing = { broadcast: () => Promise.reject(refusal) } as unknown as Streamflow
    const refused = use(() => useBroadcast(failing))
    await (await refused.until(() => true)).start(new MediaStream(), { budget: { spendCap: '0.05' } })
    expect((await refused.until(({ state }) => state === 'failed')).error).to.equal(refusal)

    const slow = { broadcast: (_stream: MediaStream, { signal }: { signal: AbortSignal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new StreamflowError('Aborted', 'off')))) } as unknown as Streamflow
    const off = use(() => useBroadcast(slow))
    const starting = (await off.until(() => true)).start(new MediaStream(), { budget: { spendCap: '0.05' } })
    const { stop } = await off.until(({ state }) => state === 'starting')
    await stop()
    await starting
    expect((await off.until(({ state }) => state === 'idle')).error).to.equal(undefined)
  })

  it('useFunds looks when it is asked to, and keeps what it saw when a look fails', async () => {
    const answers = [{ total: 1n }, new StreamflowError('ChainUnavailable', 'away'), { total: 2n }] as (Funds | StreamflowError)[]
    let at = 0
    const getFunds = async (): Promise<Funds> => {
      const answer = answers[Math.min(at++, answers.length - 1)]!
      if (answer instanceof StreamflowError) throw answer
      return answer
    }
    const streamflow = { getFunds }
    const used = use(() => useFunds(streamflow))
    const { refresh } = await used.until(() => true)
    expect(at).to.equal(0)
    await refresh()
    await used.until(({ funds }) => funds?.total === 1n)
    await refresh()
    expect((await used.until(({ error }) => error !== undefined)).funds!.total).to.equal(1n)
    await refresh()
    expect((await used.until(({ funds }) => funds?.total === 2n)).error).to.equal(undefined)
    const known = use(() => useFunds(streamflow, { sender }))
    await known.until(({ funds }) => funds?.total === 2n)
  })

  it('useMarket shows offers as they come, and closes its feed with the component', async () => {
    const feeds: { emit: ReturnType<typeof createEmitter<FeedEvents>>['emit']; isClosed: boolean }[] = []
    const createFeed = async (): Promise<Feed> => {
      const emitter = createEmitter<FeedEvents>()
      const own = { emit: emitter.emit, isClosed: false }
      feeds.push(own)
      return { ...emitter, offers: [{ uri: 'https://one.example' }], refused: [], close: () => (own.isClosed = true) } as unknown as Feed
    }
    const streamflow = { createFeed }
    const used = use(() => useMarket(streamflow, sender))
    await used.until(() => feeds.length === 2)
    await Promise.resolve()
    feeds[1]!.emit('offers', [])
    const { offers, isReady } = await used.until(({ isReady: ready }) => ready)
    expect([isReady, offers.map(({ uri }) => uri)]).to.deep.equal([true, ['https://one.example']])
    used.leave()
    expect(feeds.map(({ isClosed }) => isClosed)).to.deep.equal([true, true])
  })
})
