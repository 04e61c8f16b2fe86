/** Turns: tasks of one name run one after the other. */

/** Runs a task when those of its name before it are over, however they ended. */
export type Mutex = <T>(name: string, task: () => Promise<T>) => Promise<T>

/** Creates turns that count within this page or process only. */
export function createMutex(): Mutex {
  const tails = new Map<string, Promise<void>>()
  return (name, task) => {
    const turn = (tails.get(name) ?? Promise.resolve()).then(task)
    const tail = turn.then(
      () => undefined,
      () => undefined,
    )
    tails.set(name, tail)
    void tail.then(() => tails.get(name) === tail && tails.delete(name))
    return turn
  }
}
