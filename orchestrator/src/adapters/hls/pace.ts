/**
 * Work for many viewers in slices. A part makes hundreds of answers due at once; written in one go they would hold up
 * everything else that the process does, its broadcasters among it. Whoever has work takes turns with all others who do:
 * thousands of answers for one wait behind each other, not in front of everybody else.
 */

/** A slice is over after so long; what is left comes after whatever else has happened meanwhile. */
const sliceMs = 4

/** What is due for one client, first come, first served. */
interface Lane {
  readonly tasks: (() => void)[]
  next: number
}

export class Pace {
  /** In the order in which they have their turns. */
  readonly #lanes = new Map<string, Lane>()
  #isScheduled = false

  /**
   * Does `task` soon: after everything that this turn of the event loop brings, so that what becomes ready together is
   * seen together.
   * @param client - for whom; what is for all has a lane of its own
   */
  run(task: () => void, client = ''): void {
    const lane = this.#lanes.get(client)
    if (lane === undefined) this.#lanes.set(client, { tasks: [task], next: 0 })
    else lane.tasks.push(task)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#slice())
  }

  #slice(): void {
    this.#isScheduled = false
    const endMs = performance.now() + sliceMs
    do this.#turn()
    while (this.#lanes.size > 0 && performance.now() < endMs)
    if (this.#lanes.size > 0) this.#schedule()
  }

  /** One task of who is first in turn. */
  #turn(): void {
    for (const [client, lane] of this.#lanes) {
      this.#lanes.delete(client)
      const task = lane.tasks[lane.next++]
      if (lane.next < lane.tasks.length) this.#lanes.set(client, lane)
      return task?.()
    }
  }
}
