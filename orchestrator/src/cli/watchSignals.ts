/** What programs that run until they are told to stop wait for. */

/** The first and the second wish to stop. */
export function watchSignals(): { readonly first: Promise<NodeJS.Signals>; readonly second: Promise<NodeJS.Signals> } {
  const next = (): Promise<NodeJS.Signals> =>
    new Promise((resolve) => {
      const stop = (signal: NodeJS.Signals): void => {
        process.off('SIGTERM', stop).off('SIGINT', stop)
        resolve(signal)
      }
      process.on('SIGTERM', stop).on('SIGINT', stop)
    })
  const first = next()
  return { first, second: first.then(next) }
}
