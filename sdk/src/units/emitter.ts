/** A typed event emitter whose listeners cannot break who emits. */

/** Events by name with the type of their payload. */
export type EventMap = object

/** Takes and gives up listeners; what an object that has events shows its users. */
export interface Subscribable<Events extends EventMap> {
  /**
   * Calls `listener` for each event `name` until the returned function is called.
   * @returns unsubscribes; calling it again does nothing
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void
  /** Like `on`, for the next event only. */
  once<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void
  /** Removes a listener given to `on` or `once`. */
  off<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void
}

/** An emitter: a `Subscribable` and the side that emits. */
export interface Emitter<Events extends EventMap> extends Subscribable<Events> {
  /**
   * Calls the listeners of `name` in the order in which they came. One that throws does not keep the others, nor the
   * caller, from going on: its error is reported as an uncaught one.
   */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void
  /** Removes all listeners. */
  clear(): void
}

type Listener = (event: never) => void
interface Entry {
  /** What the user gave, by which `off` finds it. */
  readonly listener: Listener
  readonly once: boolean
}

/** Creates an emitter for the events of the map `Events`, e.g. `createEmitter<{ opened: { seq: number } }>()`. */
export function createEmitter<Events extends EventMap>(): Emitter<Events> {
  const entries = new Map<keyof Events, Entry[]>()

  // Lists are replaced, never changed: an emit in progress goes on over the list that it began with.
  const remove = (name: keyof Events, isRemoved: (entry: Entry) => boolean): void => {
    const rest = (entries.get(name) ?? []).filter((entry) => !isRemoved(entry))
    if (rest.length > 0) entries.set(name, rest)
    else entries.delete(name)
  }
  const add = (name: keyof Events, listener: Listener, once: boolean): (() => void) => {
    const entry: Entry = { listener, once }
    entries.set(name, [...(entries.get(name) ?? []), entry])
    return () => remove(name, (other) => other === entry)
  }

  return {
    on: (name, listener) => add(name, listener, false),
    once: (name, listener) => add(name, listener, true),
    off: (name, listener) => remove(name, (entry) => entry.listener === listener),
    emit(name, event) {
      for (const entry of entries.get(name) ?? []) {
        // Removed by a listener that was called just before.
        if (!entries.get(name)?.includes(entry)) continue
        if (entry.once) remove(name, (other) => other === entry)
        try {
          ;(entry.listener as (event: unknown) => void)(event)
        } catch (error) {
          reportUncaught(error)
        }
      }
    },
    clear: () => entries.clear(),
  }
}

/** The listener's author sees the error where uncaught ones are seen, and nobody else suffers from it. */
function reportUncaught(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void }
  if (reportError) reportError(error)
  // eslint-disable-next-line no-console -- throwing it elsewhere would end a Node process
  else console.error(error)
}
