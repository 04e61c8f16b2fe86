// Many viewers of one stream, in a process of their own (forked): `kind`, `count`, `host`, `port`, `path`, `rendition`,
// `connectMs`, `seconds` by message; what came when is sent back.
import { addressOf, nowMs, startFollowingViewer, startPollingViewer } from './rawViewers.mjs'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

process.once('message', async ({ kind, count, connectMs, seconds, ...target }) => {
  /** By part: when it came, for each viewer, milliseconds. */
  const arrivals = new Map()
  let refused = 0
  let fromMs = Infinity
  const start = kind === 'polling' ? startPollingViewer : startFollowingViewer
  const stops = []
  for (let i = 0; i < count; i++) {
    const seen = { isAtEdge: false }
    stops.push(start({
      ...target, localAddress: addressOf(i),
      onPart(key, atMs) {
        if (atMs < fromMs) return
        const times = arrivals.get(key)
        if (times === undefined) arrivals.set(key, [atMs])
        else times.push(atMs)
        seen.isAtEdge = true
      },
      onRefused: () => refused++,
    }))
    if (i % 20 === 19) await wait((connectMs * 20) / count)
  }
  process.send({ isConnected: true })
  await wait(4_000)
  fromMs = nowMs()
  process.send({ isMeasuring: true })
  await wait(seconds * 1_000)
  process.send({ arrivals: [...arrivals].map(([key, times]) => [key, Float64Array.from(times)]), refused, fromMs }, () => {
    for (const stop of stops) stop()
    process.disconnect()
  })
})
