// A client of low-latency HLS that forgives nothing: it polls every rendition of a live stream as a player does (blocking
// reloads, the hinted part beside them), reads the media, and names each rule that is broken.
import { readFragments, readTimescale } from './fragmentTimes.mjs'
import { parseMediaPlaylist } from './mediaPlaylist.mjs'

/** RFC 8216bis §4.4.3.8, §4.4.4.9. */
const shortestPart = 0.85
const holdBackParts = 3
const skipTargets = 6
/** Every so many reloads a delta update is asked for too. */
const deltaEvery = 10
const examplesPerKind = 4
const startTimeoutMs = 60_000
const retryMs = 250

/** What was found. */
export class Findings {
  /** @type {Map<string, { count: number, examples: string[] }>} */
  violations = new Map()
  driftUs = 0
  segments = 0
  parts = 0
  discontinuities = 0

  add(kind, example) {
    const entry = this.violations.get(kind) ?? { count: 0, examples: [] }
    entry.count++
    if (entry.examples.length < examplesPerKind) entry.examples.push(example)
    this.violations.set(kind, entry)
  }

  get count() {
    return [...this.violations.values()].reduce((sum, { count }) => sum + count, 0)
  }
}

async function get(url, signal) {
  const response = await fetch(url, { signal })
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
}

/**
 * Watches a stream until it ends or `signal` is aborted.
 * @param {string} masterUrl
 * @param {{ signal?: AbortSignal, findings?: Findings }} [options]
 * @returns {Promise<Findings>}
 */
export async function watchStrictly(masterUrl, { signal, findings = new Findings() } = {}) {
  const master = await untilThere(masterUrl, signal)
  const text = master.body.toString()
  const names = new Set([...text.matchAll(/([\w-]+)\/index\.m3u8/g)].map(([, name]) => name))
  const base = masterUrl.replace(/\/master\.m3u8$/, '')
  const rates = [...text.matchAll(/BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+)/g)]
  if (rates.some(([, peak, average]) => Number(average) > Number(peak))) findings.add('average above peak', text)
  await Promise.all([...names].map((name) => new RenditionWatch(`${base}/${name}`, name, findings, signal).run()))
  return findings
}

async function untilThere(url, signal) {
  const deadline = performance.now() + startTimeoutMs
  for (;;) {
    const answer = await get(url, signal)
    if (answer.status === 200) return answer
    if (performance.now() > deadline) throw new Error(`${url}: ${answer.status}`)
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/** One rendition: its playlist, reload by reload. */
class RenditionWatch {
  #base
  #name
  #findings
  #signal
  #timescale = 0
  /** What must not change once printed: parts by name, segments by number. */
  #printed = new Map()
  /** Bytes of parts, by name, until their segment is compared. */
  #bytes = new Map()
  #lastSeq
  /** Where the last segment ended: by the playlist since the last discontinuity, and by the media. */
  #clock

  constructor(base, name, findings, signal) {
    this.#base = base
    this.#name = name
    this.#findings = findings
    this.#signal = signal
  }

  async run() {
    try {
      this.#timescale = readTimescale((await untilThere(`${this.#base}/init.mp4`, this.#signal)).body)
      let playlist = parseMediaPlaylist((await untilThere(this.#url(), this.#signal)).body.toString())
      this.#checkHead(playlist)
      for (let reload = 1; !playlist.isEnded; reload++) {
        const next = await this.#reload(playlist)
        await this.#check(next, playlist)
        if (reload % deltaEvery === 0) await this.#checkDelta(next)
        playlist = next
      }
    } catch (error) {
      if (this.#signal?.aborted !== true) throw error
    }
  }

  #url(query = '') {
    return `${this.#base}/index.m3u8${query}`
  }

  #break(kind, detail) {
    this.#findings.add(kind, `${this.#name}: ${detail}`)
  }

  /** The next list by a blocking reload, and beside it the part that was hinted. */
  async #reload(playlist) {
    const last = playlist.segments.at(-1)
    const [seq, part] = last.uri === undefined ? [last.seq, last.parts.length] : [last.seq + 1, 0]
    const hint = playlist.hint
    if (hint === undefined) this.#break('no preload hint', `after ${seq}.${part}`)
    const [list, hinted] = await Promise.all([get(this.#url(`?_HLS_msn=${seq}&_HLS_part=${part}`), this.#signal), hint && get(`${this.#base}/${hint}`, this.#signal)])
    if (list.status !== 200) {
      this.#break(`blocking reload ${list.status}`, `${seq}.${part}`)
      return parseMediaPlaylist((await untilThere(this.#url(), this.#signal)).body.toString())
    }
    const next = parseMediaPlaylist(list.body.toString())
    const newest = next.segments.at(-1)
    const isThere = newest.seq > seq || (newest.seq === seq && (newest.uri !== undefined || newest.parts.length > part))
    if (!isThere && !next.isEnded) this.#break('a blocking reload answered with an old list', `asked ${seq}.${part}, got ${newest.seq}.${newest.parts.length}`)
    if (hinted && !next.isEnded) {
      if (hinted.status !== 200) this.#break(`hint ${hinted.status}`, hint)
      else if (next.segments.some(({ parts }) => parts.some(({ uri }) => uri === hint))) this.#bytes.set(hint, hinted.body)
      else this.#break('a hinted part did not come', `${hint}; the list ends with ${newest.parts.at(-1)?.uri ?? newest.uri}`)
    }
    return next
  }

  #checkHead({ partTargetUs, partHoldBackUs, canSkipUntilUs, targetDurationUs }) {
    if (partHoldBackUs < holdBackParts * partTargetUs) this.#break('PART-HOLD-BACK below three parts', `${partHoldBackUs} of ${partTargetUs}`)
    if (canSkipUntilUs < skipTargets * targetDurationUs) this.#break('CAN-SKIP-UNTIL below six targets', `${canSkipUntilUs}`)
  }

  async #check(playlist, before) {
    for (const key of ['targetDurationUs', 'partTargetUs', 'partHoldBackUs', 'canSkipUntilUs']) {
      if (playlist[key] !== before[key]) this.#break(`${key} changed`, `${before[key]} → ${playlist[key]}`)
    }
    if (playlist.mediaSequence < before.mediaSequence) this.#break('media sequence went back', `${before.mediaSequence} → ${playlist.mediaSequence}`)
    if (playlist.discontinuitySequence < before.discontinuitySequence) this.#break('discontinuity sequence went back', '')
    const left = before.segments.filter(({ seq, isDiscontinuous }) => seq < playlist.mediaSequence && isDiscontinuous).length
    if (playlist.discontinuitySequence !== before.discontinuitySequence + left) this.#break('discontinuity sequence does not count what left', `${playlist.discontinuitySequence}`)
    for (const segment of playlist.segments) this.#checkSegment(segment, playlist)
    for (const segment of playlist.segments) {
      const isNew = segment.uri !== undefined && segment.seq > (this.#lastSeq ?? -1)
      if (isNew) await this.#checkMedia(segment)
    }
  }

  #checkSegment(segment, { partTargetUs, targetDurationUs }) {
    const { seq, uri, durationUs, parts, isGap } = segment
    parts.forEach((part, i) => {
      this.#checkPrinted(part.uri, part.durationUs)
      if (part.durationUs > partTargetUs) this.#break('part longer than the target', `${part.uri} ${part.durationUs} of ${partTargetUs}`)
      if (i < parts.length - 1 && part.durationUs < shortestPart * partTargetUs) this.#break('part shorter than 85 %', `${part.uri} ${part.durationUs} of ${partTargetUs}`)
    })
    if (uri === undefined) return
    this.#checkPrinted(seq, `${durationUs} ${isGap}`)
    if (Math.round(durationUs / 1e6) * 1e6 > targetDurationUs) this.#break('segment longer than the target duration', `${seq} ${durationUs}`)
    const sum = parts.reduce((total, part) => total + part.durationUs, 0)
    if (parts.length > 0 && sum !== durationUs) this.#break('parts do not add up to their segment', `${seq} ${sum} of ${durationUs}`)
  }

  #checkPrinted(name, value) {
    const known = this.#printed.get(name)
    if (known !== undefined && known !== value) this.#break('what was printed changed', `${name}: ${known} → ${value}`)
    this.#printed.set(name, value)
  }

  /** A complete segment: its parts are its bytes, its clock follows on, and the playlist's clock agrees with it. */
  async #checkMedia({ seq, uri, durationUs, parts, isGap, isDiscontinuous }) {
    const isSkipped = this.#lastSeq !== undefined && seq !== this.#lastSeq + 1
    this.#lastSeq = seq
    if (isDiscontinuous) this.#findings.discontinuities++
    if (isGap) {
      this.#clock = undefined
      return
    }
    if (parts.length === 0) return
    const whole = await get(`${this.#base}/${uri}`, this.#signal)
    if (whole.status !== 200) {
      this.#break(`listed segment ${whole.status}`, uri)
      return
    }
    const pieces = []
    for (const part of parts) pieces.push(await this.#checkPart(part))
    if (!Buffer.concat(pieces).equals(whole.body)) this.#break('a segment is not its parts', uri)
    const fragments = readFragments(whole.body)
    const endTicks = fragments.at(-1).start + fragments.at(-1).duration
    fragments.slice(1).forEach((fragment, i) => {
      if (fragment.start !== fragments[i].start + fragments[i].duration) this.#break('a hole within a segment', uri)
    })
    this.#findings.segments++
    this.#findings.parts += parts.length
    if (this.#clock === undefined || isDiscontinuous || isSkipped) this.#clock = { declaredUs: 0, startTicks: fragments[0].start, endTicks: fragments[0].start }
    const { declaredUs, startTicks } = this.#clock
    if (fragments[0].start !== this.#clock.endTicks) this.#break('segments do not follow on and no discontinuity says so', `${uri} ${((fragments[0].start - this.#clock.endTicks) * 1e3) / this.#timescale} ms`)
    this.#clock = { declaredUs: declaredUs + durationUs, startTicks, endTicks }
    const driftUs = Math.abs(declaredUs + durationUs - ((endTicks - startTicks) * 1e6) / this.#timescale)
    this.#findings.driftUs = Math.max(this.#findings.driftUs, driftUs)
  }

  async #checkPart({ uri, durationUs, independent }) {
    let bytes = this.#bytes.get(uri)
    this.#bytes.delete(uri)
    if (bytes === undefined) {
      const answer = await get(`${this.#base}/${uri}`, this.#signal)
      if (answer.status !== 200) this.#break(`listed part ${answer.status}`, uri)
      bytes = answer.body
    }
    const fragments = readFragments(bytes)
    const us = (fragments.reduce((sum, { duration }) => sum + duration, 0) * 1e6) / this.#timescale
    if (Math.abs(us - durationUs) > 1) this.#break('a part is not as long as declared', `${uri} ${durationUs} of ${us}`)
    if (fragments[0]?.isSync !== independent) this.#break('INDEPENDENT is wrong', uri)
    return bytes
  }

  /** A delta update merges to the full list. */
  async #checkDelta({ segments }) {
    const last = segments.at(-1)
    const query = `?_HLS_msn=${last.seq}${last.uri === undefined ? `&_HLS_part=${last.parts.length - 1}` : ''}`
    const [delta, full] = await Promise.all([get(this.#url(`${query}&_HLS_skip=YES`), this.#signal), get(this.#url(query), this.#signal)])
    if (delta.status !== 200 || full.status !== 200) return
    const [part, whole] = [parseMediaPlaylist(delta.body.toString()), parseMediaPlaylist(full.body.toString())]
    // Between the two requests the stream may have gone on.
    if (part.hint !== whole.hint || part.mediaSequence !== whole.mediaSequence) return
    if (!whole.body.endsWith(part.body.replace(/^#EXT-X-SKIP.*\n/, ''))) this.#break('a delta update does not merge', query)
    const keptUs = whole.segments.slice(part.skipped).reduce((sum, { durationUs, parts }) => sum + (durationUs ?? parts.reduce((total, { durationUs: us }) => total + us, 0)), 0)
    if (part.skipped > 0 && keptUs < whole.canSkipUntilUs) this.#break('a delta update skips too much', `${keptUs} of ${whole.canSkipUntilUs}`)
  }
}
