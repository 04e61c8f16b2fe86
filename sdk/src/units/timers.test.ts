import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { after, every, keepPunctual } from './timers.js'

/** A page, as far as timers know it. */
class Page extends EventTarget {
  hidden = false
  hide(isHidden: boolean): void {
    this.hidden = isHidden
    this.dispatchEvent(new Event('visibilitychange'))
  }
}
/** A worker whose messages come when the test says so. */
class Ticker {
  static open: Ticker[] = []
  onmessage?: () => void
  constructor() {
    Ticker.open.push(this)
  }
  terminate(): void {
    Ticker.open = Ticker.open.filter((ticker) => ticker !== this)
  }
}
const tick = (): void => {
  for (const ticker of Ticker.open) ticker.onmessage?.()
}

let page: Page
let nowMs: number
beforeEach(() => {
  page = new Page()
  nowMs = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('document', page)
  vi.stubGlobal('Worker', Ticker)
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('timers', () => {
  it('are the browser’s where the page is seen', () => {
    const run = vi.fn()
    const leave = keepPunctual()
    after(100, run)
    const stop = every(40, run)
    vi.advanceTimersByTime(90)
    expect(run).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(10)
    expect(run).toHaveBeenCalledTimes(3)
    stop()
    vi.advanceTimersByTime(1_000)
    expect(run).toHaveBeenCalledTimes(3)
    expect(Ticker.open).toEqual([])
    leave()
  })

  it('fire in a hidden page whose own do not, once, in whatever order they were set and called off', () => {
    const calls: string[] = []
    const leave = keepPunctual()
    const stopLate = after(300, () => calls.push('late'))
    after(100, () => {
      calls.push('first')
      stopOther()
    })
    const stopOther = after(100, () => calls.push('called off by the first'))
    const stop = every(100, () => calls.push('again'))
    page.hide(true)
    tick()
    expect(calls).toEqual([])
    nowMs = 120
    tick()
    tick()
    expect(calls).toEqual(['first', 'again'])
    nowMs = 230
    tick()
    expect(calls).toEqual(['first', 'again', 'again'])
    stop()
    stopLate()
    nowMs = 1_000
    tick()
    vi.advanceTimersByTime(1_000)
    expect(calls).toEqual(['first', 'again', 'again'])
    leave()
  })

  it('cost nothing where nobody broadcasts, and nothing any more when the page is seen or nobody does', () => {
    page.hide(true)
    after(10, () => undefined)
    expect(Ticker.open).toEqual([])
    const [leave, leaveToo] = [keepPunctual(), keepPunctual()]
    expect(Ticker.open.length).toBe(1)
    leave()
    leave()
    expect(Ticker.open.length).toBe(1)
    page.hide(false)
    expect(Ticker.open).toEqual([])
    page.hide(true)
    expect(Ticker.open.length).toBe(1)
    leaveToo()
    expect(Ticker.open).toEqual([])
    page.hide(false)
    page.hide(true)
    expect(Ticker.open).toEqual([])
  })

  it('are what the browser has where the page may have no worker', () => {
    vi.stubGlobal('Worker', class {
      constructor() {
        throw new Error('forbidden')
      }
    })
    const run = vi.fn()
    const leave = keepPunctual()
    page.hide(true)
    after(100, run)
    vi.advanceTimersByTime(100)
    expect(run).toHaveBeenCalledTimes(1)
    leave()
  })
})
