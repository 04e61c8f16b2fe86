/**
 * Work for many viewers in slices. A part makes hundreds of answers due at once; written in one go they would hold up
 * everything else that the process does, its broadcasters among it. First come, first served over all streams, so nobody
 * starves.
 */

/** A slice is over after so long; what is left comes after whatever else has happened meanwhile. */
const sliceMs = 4

export class Pace {
  #tasks: (() => void)[] = []
  #next = 0
  #isScheduled = false

  /**
   * Does `task` soon: after everything that this turn of the event loop brings, so that what becomes ready together is
   * seen together.
   */
  run(task: () => void): void {
    this.#tasks.push(task)
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
    do this.#tasks[this.#next++]?.()
    while (this.#next < this.#tasks.length && performance.now() < endMs)
    if (this.#next < this.#tasks.length) return this.#schedule()
    this.#tasks = []
    this.#next = 0
  }
}
