/**
 * A low-latency HLS origin for the browser tests of the player, as karma middleware: generated footage appears part by
 * part, in real time, with blocking reload. `/origin/<id>/master.m3u8` begins stream <id> when it is first asked for.
 * `/origin/<id>/away?ms=N`: for N milliseconds it answers nothing at all.
 * Query of the master: `missing=N`: its first N requests answer 404; `length=S`: ends after S seconds.
 */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const partS = 0.2
const partsPerSegment = 5
const footageS = 60
/** So much is there when a stream begins. */
const headStartS = 2
const sizes = [
  [160, 90],
  [320, 180],
]

/** Encodes the footage once: per size an init and its parts. */
async function makeRenditions() {
  const folder = await mkdtemp(path.join(tmpdir(), 'streamflow-origin-'))
  try {
    const outputs = sizes.flatMap(([width, height], i) => [
      ...['-map', '0:v', '-map', '1:a', '-vf', `scale=${width}:${height}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'main', '-pix_fmt', 'yuv420p'],
      ...['-g', '25', '-keyint_min', '25', '-sc_threshold', '0', '-c:a', 'aac', '-ac', '1', '-movflags', '+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '200000'],
      path.join(folder, `${i}.mp4`),
    ])
    const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${footageS}`, '-f', 'lavfi', '-i', `sine=frequency=440:duration=${footageS}`]
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', ...inputs, ...outputs])
    return await Promise.all(sizes.map(async (_, i) => splitFragments(await readFile(path.join(folder, `${i}.mp4`)))))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Splits a fragmented MP4 into what stands before the first `moof`, and each `moof` with its `mdat`. */
function splitFragments(file) {
  const starts = []
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) if (file.toString('latin1', at + 4, at + 8) === 'moof') starts.push(at)
  return { init: file.subarray(0, starts[0]), parts: starts.map((start, i) => file.subarray(start, starts[i + 1])) }
}

const hangUp = new Error('away')

class LiveStream {
  constructor({ missing, lengthS }) {
    this.missing = missing
    this.lengthS = lengthS
    this.beganMs = undefined
  }

  begin() {
    this.beganMs ??= Date.now() - headStartS * 1000
  }

  /** Parts that exist now. */
  get count() {
    return Math.floor((Math.min((Date.now() - this.beganMs) / 1000, this.lengthS) + 1e-6) / partS)
  }

  get isOver() {
    return this.count >= this.lengthS / partS
  }

  async waitFor(part) {
    while (this.count <= part && !this.isOver) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  formatPlaylist() {
    const { count, isOver, beganMs } = this
    const segments = Math.floor(count / partsPerSegment)
    const first = Math.max(0, segments - 6)
    const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-TARGETDURATION:1', `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${partS * 3}`, `#EXT-X-PART-INF:PART-TARGET=${partS}`, `#EXT-X-MEDIA-SEQUENCE:${first}`, '#EXT-X-MAP:URI="init.mp4"']
    for (let segment = first; segment * partsPerSegment < count; segment++) {
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(beganMs + segment * 1000).toISOString()}`)
      const parts = Math.min(partsPerSegment, count - segment * partsPerSegment)
      if (segment >= segments - 2) for (let i = 0; i < parts; i++) lines.push(`#EXT-X-PART:DURATION=${partS},URI="part${segment * partsPerSegment + i}.m4s"${i === 0 ? ',INDEPENDENT=YES' : ''}`)
      if (parts === partsPerSegment) lines.push('#EXTINF:1.0,', `segment${segment}.m4s`)
    }
    lines.push(isOver ? '#EXT-X-ENDLIST' : `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part${count}.m4s"`)
    return lines.join('\n')
  }
}

const master = ['#EXTM3U', ...sizes.flatMap(([width, height], i) => [`#EXT-X-STREAM-INF:BANDWIDTH=${(i + 1) * 400_000},RESOLUTION=${width}x${height},FRAME-RATE=25,CODECS="avc1.4d400c,mp4a.40.2",NAME="${height}p"`, `${i}/live.m3u8`])].join('\n')

/** Creates the middleware; the footage is made with the first request. */
export function createTestOrigin() {
  const streams = new Map()
  let renditions

  const away = new Map()
  const respond = async (url) => {
    const [, , id, ...rest] = url.pathname.split('/')
    const query = (name, fallback) => Number(url.searchParams.get(name) ?? fallback)
    if (!streams.has(id)) streams.set(id, new LiveStream({ missing: query('missing', 0), lengthS: query('length', footageS) }))
    const stream = streams.get(id)
    if (rest[0] === 'away') {
      away.set(id, Date.now() + query('ms', 0))
      return 'away'
    }
    if ((away.get(id) ?? 0) > Date.now()) throw hangUp
    const found = await (renditions ??= makeRenditions())
    if (rest[0] === 'master.m3u8') {
      if (stream.missing-- > 0) return undefined
      stream.begin()
      return master
    }
    const rendition = found[Number(rest[0])]
    const number = Number(/\d+/.exec(rest[1])?.[0])
    if (!rendition || stream.beganMs === undefined) return undefined
    if (rest[1] === 'init.mp4') return rendition.init
    if (rest[1] === 'live.m3u8') {
      if (url.searchParams.has('_HLS_msn')) await stream.waitFor(query('_HLS_msn', 0) * partsPerSegment + query('_HLS_part', partsPerSegment - 1))
      return stream.formatPlaylist()
    }
    if (rest[1].startsWith('part')) {
      await stream.waitFor(number)
      return rendition.parts[number]
    }
    return Buffer.concat(rendition.parts.slice(number * partsPerSegment, (number + 1) * partsPerSegment))
  }

  return (request, response, next) => {
    const url = new URL(request.url, 'http://localhost')
    if (!url.pathname.startsWith('/origin/')) return next()
    respond(url).then(
      (body) => {
        response.statusCode = body === undefined ? 404 : 200
        response.setHeader('Content-Type', url.pathname.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp4')
        response.setHeader('Cache-Control', 'no-store')
        response.end(body)
      },
      (error) => {
        if (error === hangUp) return request.socket.destroy()
        response.statusCode = 500
        response.end(String(error))
      },
    )
  }
}
