// Time that passes when told: timers and clocks of this process, for as long as it is in force. So a quarter of a minute that
// somebody waits for a receipt takes no quarter of a minute.

/** Turns of the event loop after which nothing more follows from what happened before. */
const turnsToSettle = 2
/** Turns that a message on its way takes. */
const microtaskTurns = 8

interface Timer {
  readonly dueMs: number
  readonly everyMs?: number
  readonly act: () => void
}

const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval, setImmediate: globalThis.setImmediate, performanceNow: performance.now.bind(performance) }

export class VirtualTime {
  /** Milliseconds since it began. */
  nowMs = 0
  readonly #timers = new Map<number, Timer>()
  #lastId = 0

  /** Puts it in force until {@link end}. */
  begin(): void {
    globalThis.setTimeout = ((act: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]) => {
      this.#timers.set(++this.#lastId, { dueMs: this.nowMs + delayMs, act: () => act(...given) })
      return this.#lastId
    }) as never
    globalThis.setInterval = ((act: () => void, everyMs: number) => {
      this.#timers.set(++this.#lastId, { dueMs: this.nowMs + everyMs, everyMs, act })
      return this.#lastId
    }) as never
    globalThis.clearTimeout = globalThis.clearInterval = ((id: number) => void this.#timers.delete(id)) as never
    performance.now = () => this.nowMs
  }

  end(): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = real
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
    performance.now = real.performanceNow
  }

  /** Lets time pass, with all that is due in it, in order. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    await this.settle()
    for (let next = this.#findNext(untilMs); next !== undefined; next = this.#findNext(untilMs)) {
      const [id, { dueMs, everyMs, act }] = next
      if (everyMs === undefined) this.#timers.delete(id)
      else this.#timers.set(id, { dueMs: dueMs + everyMs, everyMs, act })
      this.nowMs = Math.max(this.nowMs, dueMs)
      act()
      if (everyMs === undefined) await this.settle()
      // What beats all the time is followed by little, and would be most of the work.
      else for (let turn = 0; turn < microtaskTurns; turn++) await Promise.resolve()
    }
    this.nowMs = untilMs
    await this.settle()
  }

  #findNext(untilMs: number): readonly [number, Timer] | undefined {
    let found: readonly [number, Timer] | undefined
    for (const each of this.#timers) if (each[1].dueMs <= untilMs && (found === undefined || each[1].dueMs < found[1].dueMs)) found = each
    return found
  }

  /** Resolves when whatever waits for nothing but its turn has had it. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < turnsToSettle; turn++) await new Promise((resolve) => real.setImmediate(resolve))
  }
}
