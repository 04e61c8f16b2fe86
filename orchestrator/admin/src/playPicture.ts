/**
 * The picture of a stream in a small muted video element: the smallest rendition by its playlist, segment after segment. An
 * operator wants to see that there is a picture, not to watch: seconds late is good enough, and needs no player.
 */

const pollMs = 1_000
/** What is kept behind what is shown, seconds. */
const keepSeconds = 10
/** Beyond this the picture jumps on to what is new, seconds. */
const lateSeconds = 6

interface MediaList {
  readonly init: string
  readonly segments: readonly string[]
}

async function loadText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal })
  if (!response.ok) throw new RangeError(`the playlist answers ${response.status}`)
  return response.text()
}

/** The rendition that takes the least, and its codecs. */
async function chooseRendition(master: string, signal: AbortSignal): Promise<{ readonly url: string; readonly type: string }> {
  const lines = (await loadText(master, signal)).split('\n')
  const found = lines.flatMap((line, index) => {
    const [, bandwidth = '0'] = /[:,]BANDWIDTH=(\d+)/.exec(line) ?? []
    const [, codecs = ''] = /CODECS="([^"]+)"/.exec(line) ?? []
    const video = codecs.split(',').find((codec) => /^(avc|hvc|hev|vp|av0)/.test(codec))
    // Other orchestrators of the stream are listed too, at addresses of theirs.
    const url = new URL(lines[index + 1] ?? '', new URL(master, location.href))
    return line.startsWith('#EXT-X-STREAM-INF') && video !== undefined && url.origin === location.origin ? [{ bandwidth: Number(bandwidth), url: url.href, video }] : []
  })
  const [least] = found.sort((a, b) => a.bandwidth - b.bandwidth)
  if (least === undefined) throw new RangeError('the stream has no picture yet')
  return { url: least.url, type: `video/mp4; codecs="${least.video}"` }
}

function parseMedia(text: string): MediaList {
  const [, init = ''] = /#EXT-X-MAP:.*URI="([^"]+)"/.exec(text) ?? []
  return { init, segments: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')) }
}

/** Loads bytes and appends them, one after the other. */
async function append(buffer: SourceBuffer, url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal })
  if (!response.ok) return // it has left the window
  const bytes = await response.arrayBuffer()
  await change(buffer, () => buffer.appendBuffer(bytes))
}

function change(buffer: SourceBuffer, act: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    buffer.addEventListener('updateend', () => resolve(), { once: true })
    buffer.addEventListener('error', () => reject(new RangeError('the browser cannot play it')), { once: true })
    act()
  })
}

function stayNear(video: HTMLVideoElement): void {
  const { buffered } = video
  if (buffered.length === 0) return
  const [start, end] = [buffered.start(buffered.length - 1), buffered.end(buffered.length - 1)]
  if (video.currentTime < start || end - video.currentTime > lateSeconds) video.currentTime = Math.max(start, end - 1)
  if (video.paused) void video.play().catch(() => undefined)
}

async function play(video: HTMLVideoElement, master: string, signal: AbortSignal): Promise<void> {
  const { url, type } = await chooseRendition(master, signal)
  const source = new MediaSource()
  const opened = new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }))
  video.src = URL.createObjectURL(source)
  await opened
  URL.revokeObjectURL(video.src)
  const buffer = source.addSourceBuffer(type)
  const known = new Set<string>()
  let init: string | undefined
  for (;;) {
    const list = parseMedia(await loadText(url, signal))
    if (list.init !== init && list.init !== '') await append(buffer, new URL(list.init, url).href, signal)
    init = list.init
    // At first the newest alone.
    for (const segment of known.size === 0 ? list.segments.slice(-1) : list.segments) {
      if (known.has(segment)) continue
      await append(buffer, new URL(segment, url).href, signal)
      stayNear(video)
    }
    for (const segment of list.segments) known.add(segment)
    if (video.currentTime > keepSeconds) await change(buffer, () => buffer.remove(0, video.currentTime - keepSeconds / 2))
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    signal.throwIfAborted()
  }
}

/** Plays until the returned function is called. Where it fails it is tried again: a stream may be older than its first segment. */
export function playPicture(video: HTMLVideoElement, master: string): () => void {
  const abort = new AbortController()
  const loop = (): void => {
    play(video, master, abort.signal).catch(() => {
      if (!abort.signal.aborted) setTimeout(loop, pollMs)
    })
  }
  loop()
  return () => {
    abort.abort()
    video.removeAttribute('src')
    video.load()
  }
}
