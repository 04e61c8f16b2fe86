/**
 * A low-latency origin for the browser tests of the player, as karma middleware: generated footage appears part by part,
 * in real time, by playlists with blocking reload and by follow responses. `/origin/<id>/master.m3u8` or
 * `/origin/<id>/follow` begins stream <id> when it is first asked for, with what its query says (`faults` below).
 * `/origin/<id>/set?NAME=VALUE`: changes it while it runs. `<id>~<n>` is the same stream at another origin, with faults of its own.
 */

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { makeFootage, partS, segmentS } from './testFootage.mjs'

const footageS = 90
const usualHeadStartS = 2
const windowSegments = 12
const segmentsWithParts = 3
const followS = 6

/** What can be wrong with a stream: numbers, 0 unless asked for. */
const faults = {
  /** The first N requests for it answer 404. */
  missing: 0,
  /** Ends after so many seconds; 0: with the footage. */
  length: 0,
  /** So many seconds are there when it begins; 0: as usual. */
  head: 0,
  /** For so many ms from now nothing is answered at all. */
  away: 0,
  /** For so many ms from now nothing more is sent, and connections stay: a process that was stopped. */
  frozen: 0,
  /** For so many ms from now playlists answer 503. */
  playlistsAway: 0,
  /** Follow responses: 1: none; 2: a proxy keeps what they bring; 3: what they bring cannot be decoded. */
  follow: 0,
  /** Follow responses break after so many ms. */
  breakAfter: 0,
  /** Playlists are answered up to so many ms late, at random. */
  delay: 0,
  /** Each part and segment is answered so many ms late. */
  mediaLate: 0,
  /** Microseconds by which the sound's playlist says that each segment lasts longer than it does. */
  ahead: 0,
  /** The sound stops at this second. */
  mute: 0,
  /** This segment is a gap. */
  gap: 0,
  /** Bytes per second that a follow response gets through. */
  throttle: 0,
}

/** The wire format, from its source: what the page reads is what the page's own code would write. */
async function loadProtocol() {
  const { outputFiles } = await build({ entryPoints: [fileURLToPath(new URL('../src/protocol/follow.ts', import.meta.url))], bundle: true, write: false, format: 'esm', platform: 'node' })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

const hangUp = new Error('away')
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

class LiveStream {
  #untilMs = {}

  /** @param {{ beganMs: number | undefined }} clock - of the stream, whatever its origin */
  constructor(clock) {
    this.faults = { ...faults }
    this.clock = clock
  }

  get beganMs() {
    return this.clock.beganMs
  }

  set(query) {
    for (const [name, value] of query) {
      if (!(name in faults)) continue
      this.faults[name] = Number(value)
      this.#untilMs[name] = Date.now() + Number(value)
    }
  }

  isLasting(name) {
    return (this.#untilMs[name] ?? 0) > Date.now() && this.faults[name] > 0
  }

  begin() {
    this.clock.beganMs ??= Date.now() - (this.faults.head || usualHeadStartS) * 1000
  }

  get lengthS() {
    return this.faults.length || footageS
  }

  get nowS() {
    return Math.min((Date.now() - this.beganMs) / 1000, this.lengthS)
  }

  /** The segment under way, or the last one. */
  get newestSeq() {
    return this.isOver ? Math.ceil(this.lengthS / segmentS) - 1 : Math.floor(this.nowS / segmentS)
  }

  get isOver() {
    return this.nowS >= this.lengthS
  }

  /** A track's parts that exist now. */
  getParts({ name, parts }) {
    const { nowS, faults } = this
    const untilUs = (name === 'sound' && faults.mute > 0 ? Math.min(nowS, faults.mute) : nowS) * 1e6 + 1
    // The last part of sound may reach a little beyond the end of the pictures.
    const isThere = ({ seq, startUs, durationUs }) => (this.isOver ? seq <= this.newestSeq && startUs < untilUs : startUs + durationUs <= untilUs)
    return parts.filter((part) => isThere(part) && (faults.gap === 0 || part.seq !== faults.gap))
  }

  isWhole(track, seq) {
    const next = track.parts.find((part) => part.seq === seq + 1)
    return this.isOver || this.nowS * 1e6 + 1 >= (next?.startUs ?? Infinity)
  }

  async waitFor(isThere) {
    while (!isThere() && !this.isOver) await wait(5)
  }

  formatPlaylist(track) {
    const { isOver, beganMs, faults } = this
    const there = this.getParts(track)
    const lastSeq = this.newestSeq
    const first = Math.max(0, lastSeq - windowSegments)
    const targetS = track.name === 'sound' ? 0.22 : partS
    const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-TARGETDURATION:1', `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${targetS * 3}`, `#EXT-X-PART-INF:PART-TARGET=${targetS}`, `#EXT-X-MEDIA-SEQUENCE:${first}`, '#EXT-X-MAP:URI="init.mp4"']
    for (let seq = first; seq <= lastSeq; seq++) {
      const parts = track.parts.filter((part) => part.seq === seq)
      const present = there.filter((part) => part.seq === seq)
      const isWhole = this.isWhole(track, seq)
      if (parts.length === 0 || (present.length === 0 && !isWhole)) break
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(beganMs + parts[0].startUs / 1000)).toISOString()}`)
      const lengthS = ({ durationUs }, i) => (durationUs + (track.name === 'sound' && i === parts.length - 1 ? faults.ahead : 0)) / 1e6
      if (seq > lastSeq - segmentsWithParts) for (const [i, part] of present.entries()) lines.push(`#EXT-X-PART:DURATION=${lengthS(part, i).toFixed(6)},URI="part${seq}.${part.index}.m4s"${part.isIndependent ? ',INDEPENDENT=YES' : ''}`)
      if (!isWhole) break
      if (present.length === 0) lines.push('#EXT-X-GAP')
      lines.push(`#EXTINF:${parts.reduce((sum, part, i) => sum + lengthS(part, i), 0).toFixed(6)},`, `segment${seq}.m4s`)
    }
    const next = track.parts[track.parts.indexOf(there.at(-1)) + 1]
    lines.push(isOver ? '#EXT-X-ENDLIST' : next ? `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part${next.seq}.${next.index}.m4s"` : '')
    return lines.join('\n')
  }

  /** Writes a follow response until its end. */
  async follow({ pictures, sound }, { rendition, from }, write) {
    const picture = pictures.find(({ name }) => name === rendition) ?? pictures.at(-1)
    const newest = this.newestSeq
    const oldestSeq = Math.max(0, newest - windowSegments)
    const fromSeq = Math.max(oldestSeq, from ?? newest)
    const began = performance.now()
    const renditions = [...pictures].reverse().map(({ name, width, height, bitrate, codecs }) => ({ name, width, height, bitrate, codecs }))
    await write({ kind: 'head', head: { version: 1, rendition: picture.name, renditions, frameRate: 25, soundCodecs: sound.codecs, startTimeMs: this.beganMs, partTargetUs: partS * 1e6, segmentDurationMs: segmentS * 1000, oldestSeq, fromSeq } })
    await write({ kind: 'init', track: 'picture', bytes: picture.init })
    await write({ kind: 'init', track: 'sound', bytes: sound.init })
    const written = new Set()
    const endOnce = async (track, kind, seq) => {
      const key = `${kind} ${seq}`
      if (seq < fromSeq || written.has(key) || !this.isWhole(track, seq)) return
      written.add(key)
      const parts = track.parts.filter((part) => part.seq === seq)
      if (parts.length === 0) return
      await write({ kind: 'segment', track: kind, seq, startUs: parts[0].startUs, durationUs: parts.reduce((sum, { durationUs }) => sum + durationUs, 0), isGap: seq === this.faults.gap })
    }
    for (let seq = fromSeq; ; ) {
      for (const [kind, track] of [['picture', picture], ['sound', sound]]) {
        for (const part of this.getParts(track)) {
          if (part.seq < fromSeq || part.seq > seq || written.has(part)) continue
          written.add(part)
          await write({ kind: 'part', track: kind, seq: part.seq, index: part.index, startUs: part.startUs, durationUs: part.durationUs, isIndependent: part.isIndependent, bytes: part.bytes })
        }
        await endOnce(track, kind, seq)
      }
      const isWhole = this.isWhole(picture, seq) && this.isWhole(sound, seq)
      if (this.isOver && seq >= this.newestSeq) return write({ kind: 'end', isOver: true, nextSeq: seq + 1 })
      if (isWhole && performance.now() - began > followS * 1000) return write({ kind: 'end', isOver: false, nextSeq: seq + 1 })
      if (isWhole) seq++
      else await wait(5)
    }
  }
}

/** Creates the middleware; the footage is made with the first request. */
export function createTestOrigin() {
  const streams = new Map()
  /** By the part of the id that all origins of a stream have in common. */
  const clocks = new Map()
  let footage
  let protocol

  const formatMaster = ({ pictures, sound }) => [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="sound/live.m3u8"',
    ...pictures.map(({ name, width, height, bitrate, codecs }) => `#EXT-X-STREAM-INF:BANDWIDTH=${bitrate},RESOLUTION=${width}x${height},FRAME-RATE=25,CODECS="${codecs},${sound.codecs}",AUDIO="sound",NAME="${name}"\n${name}/live.m3u8`),
  ].join('\n')

  const respond = async (url, response) => {
    const [, , id, ...rest] = url.pathname.split('/')
    const number = (name) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : undefined)
    if (!streams.has(id)) {
      const [name] = id.split('~')
      if (!clocks.has(name)) clocks.set(name, { beganMs: undefined })
      streams.set(id, new LiveStream(clocks.get(name)))
      streams.get(id).set(url.searchParams)
    }
    const stream = streams.get(id)
    if (rest[0] === 'set') {
      stream.set(url.searchParams)
      return 'set'
    }
    if (stream.isLasting('away')) throw hangUp
    while (stream.isLasting('frozen')) await wait(50)
    const found = await (footage ??= makeFootage(footageS))
    if (rest[0] === 'master.m3u8' || rest[0] === 'follow') {
      if (rest[0] === 'follow' && stream.faults.follow === 1) return undefined
      if (stream.faults.missing-- > 0) return undefined
      stream.begin()
      if (rest[0] === 'master.m3u8') return formatMaster(found)
      await writeFollow(stream, found, { rendition: url.searchParams.get('rendition'), from: number('from') }, response, await (protocol ??= loadProtocol()))
      return response
    }
    const track = [...found.pictures, found.sound].find(({ name }) => name === rest[0])
    if (!track || stream.beganMs === undefined) return undefined
    if (rest[1] === 'init.mp4') return track.init
    if (rest[1] === 'live.m3u8') {
      const [seq, index] = [number('_HLS_msn'), number('_HLS_part')]
      if (stream.isLasting('playlistsAway')) throw new Error('the proxy has nobody to ask')
      if (seq !== undefined) await stream.waitFor(() => (index === undefined ? stream.isWhole(track, seq) : stream.getParts(track).some((part) => part.seq > seq || (part.seq === seq && part.index >= index)) || stream.isWhole(track, seq)))
      if (stream.faults.delay > 0) await wait(Math.random() * stream.faults.delay)
      return stream.formatPlaylist(track)
    }
    const [, kind, seq, index] = /^(part|segment)(\d+)(?:\.(\d+))?\.m4s$/.exec(rest[1]) ?? []
    const parts = track.parts.filter((part) => part.seq === Number(seq) && (kind === 'segment' || part.index === Number(index)))
    await stream.waitFor(() => parts.every((part) => stream.getParts(track).includes(part)))
    if (stream.faults.mediaLate > 0) await wait(stream.faults.mediaLate)
    return parts.length === 0 ? undefined : Buffer.concat(parts.map(({ bytes }) => bytes))
  }

  return (request, response, next) => {
    const url = new URL(request.url, 'http://localhost')
    if (!url.pathname.startsWith('/origin/')) return next()
    respond(url, response).then(
      (body) => {
        if (body === response) return
        response.statusCode = body === undefined ? 404 : 200
        response.setHeader('Content-Type', url.pathname.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp4')
        response.setHeader('Cache-Control', 'no-store')
        response.end(body)
      },
      (error) => {
        if (error === hangUp || response.headersSent) return request.socket.destroy()
        response.statusCode = 503
        response.end(String(error))
      },
    )
  }
}

async function writeFollow(stream, footage, question, response, { encodeFollowFrame, followMediaType }) {
  const { breakAfter, follow } = stream.faults
  response.writeHead(200, { 'Content-Type': followMediaType, 'Cache-Control': 'no-store, no-transform' })
  response.socket?.setNoDelay(true)
  const began = performance.now()
  await stream.follow(footage, question, async (frame) => {
    if (response.destroyed || stream.isLasting('away')) throw hangUp
    while (stream.isLasting('frozen') && !response.destroyed) await wait(50)
    if (breakAfter > 0 && performance.now() - began > breakAfter) throw hangUp
    while (follow === 2) {
      if (response.destroyed) throw hangUp
      await wait(50)
    }
    const bytes = encodeFollowFrame(follow === 3 && frame.kind === 'part' ? { ...frame, bytes: new Uint8Array(frame.bytes.length) } : frame)
    response.write(bytes)
    const { throttle } = stream.faults
    if (throttle > 0) await wait((bytes.length / throttle) * 1000)
  })
  response.end()
}
