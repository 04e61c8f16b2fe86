/** What takes long says so: on one line of a terminal, which is written over each second and gone in the end. */

/**
 * What a command says of how far it is, in place of its name. `now`: it is about to hold everything up, so that there is no
 * later moment to show it.
 */
export type TellProgress = (text: string, when?: 'soon' | 'now') => void

/** A line under way. */
export interface ProgressLine {
  readonly tell: TellProgress
  /** Takes it off the terminal, before something else is written there; it comes back by itself. */
  clear(): void
  /** Takes it off for good. */
  end(): void
}

const everyMs = 1_000
const wipe = '\r\x1b[K'

/**
 * Shows from the first second on that something is under way, and for how long.
 * @param write - to the terminal; without one nothing is shown
 * @param what - what is under way, until it tells more
 */
export function showProgress(write: ((text: string) => void) | undefined, what: string): ProgressLine {
  if (write === undefined) return { tell: () => undefined, clear: () => undefined, end: () => undefined }
  const startedAtMs = performance.now()
  let said = what
  let isShown = false
  const clear = (): void => {
    if (isShown) write(wipe)
    isShown = false
  }
  const show = (): void => {
    write(`${wipe}${said}  ${Math.round((performance.now() - startedAtMs) / 1_000)} s`)
    isShown = true
  }
  const timer = setInterval(show, everyMs)
  timer.unref()
  return {
    tell(text, when = 'soon') {
      said = text
      if (when === 'now') show()
    },
    clear,
    end() {
      clearInterval(timer)
      clear()
    },
  }
}
