/** Who waits for what: requests that will be answered when a stream has gone on. Indexed by what they wait for. */

import { FairShare } from '../../core/fairShare.js'
import type { Pace } from './pace.js'

/** How a wait ended; `displaced`: there was no room. */
export type WaitResult = 'met' | 'late' | 'displaced'

/** What is waited for. All who give the same `topic` and `key` wait for the same, and it is looked at once for all of them. */
export interface Condition {
  /** The rendition whose changes can bring it about; `undefined` if any can. */
  readonly topic: string | undefined
  readonly key: string
  readonly isMet: () => boolean
  /** The same for all with this key. */
  readonly timeoutMs: number
}

interface Wait {
  readonly client: string
  readonly group: Group
  readonly deadlineMs: number
  readonly settle: (result: WaitResult) => void
  isOver: boolean
}

interface Group {
  readonly condition: Condition
  /** In the order of their deadlines: all wait for the same time at most. */
  readonly waits: Set<Wait>
  timer: NodeJS.Timeout | undefined
}

/** The waiting room of one stream. */
export class WaitingRoom {
  readonly #places: FairShare<Wait>
  readonly #pace: Pace
  readonly #topics = new Map<string | undefined, Map<string, Group>>()

  /** @param capacity - requests that may wait at the same time */
  constructor(capacity: number, pace: Pace) {
    this.#places = new FairShare(capacity, (wait) => this.#settle(wait, 'displaced'))
    this.#pace = pace
  }

  /**
   * Waits for what is not so yet.
   * @param client - whose place it takes
   * @param settle - called once, unless it is given up
   * @returns gives up; idempotent
   */
  enter(condition: Condition, client: string, settle: (result: WaitResult) => void): () => void {
    const group = this.#group(condition)
    const wait: Wait = { client, group, deadlineMs: performance.now() + condition.timeoutMs, settle, isOver: false }
    group.waits.add(wait)
    if (this.#places.take(client, wait)) this.#arm(group)
    else this.#settle(wait, 'displaced')
    return () => this.#leave(wait)
  }

  /** A rendition has changed; those whose condition is met now are answered in turn. */
  changed(topic: string): void {
    this.#check(this.#topics.get(topic))
    this.#check(this.#topics.get(undefined))
  }

  #group(condition: Condition): Group {
    const { topic, key } = condition
    let groups = this.#topics.get(topic)
    if (groups === undefined) this.#topics.set(topic, (groups = new Map()))
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { condition, waits: new Set(), timer: undefined }))
    return group
  }

  #check(groups: Map<string, Group> | undefined): void {
    for (const group of groups?.values() ?? []) {
      if (!group.condition.isMet()) continue
      this.#dissolve(group)
      for (const wait of group.waits) this.#pace.run(() => this.#settle(wait, 'met'), wait.client)
    }
  }

  #settle(wait: Wait, result: WaitResult): void {
    if (this.#leave(wait)) wait.settle(result)
  }

  /** @returns whether it was still waiting */
  #leave(wait: Wait): boolean {
    if (wait.isOver) return false
    wait.isOver = true
    this.#places.release(wait.client, wait)
    wait.group.waits.delete(wait)
    if (wait.group.waits.size === 0) this.#dissolve(wait.group)
    return true
  }

  /** Whoever comes later with the same key makes a new one. */
  #dissolve(group: Group): void {
    clearTimeout(group.timer)
    const groups = this.#topics.get(group.condition.topic)
    if (groups?.get(group.condition.key) === group) groups.delete(group.condition.key)
  }

  /** One timer for all of a group, set for the first of them. */
  #arm(group: Group): void {
    const first = group.waits.values().next().value
    if (group.timer !== undefined || first === undefined) return
    group.timer = setTimeout(() => this.#expire(group), Math.max(1, first.deadlineMs - performance.now()))
    group.timer.unref()
  }

  #expire(group: Group): void {
    group.timer = undefined
    const nowMs = performance.now()
    for (const wait of group.waits) {
      if (wait.deadlineMs > nowMs) break
      this.#settle(wait, 'late')
    }
    this.#arm(group)
  }
}
