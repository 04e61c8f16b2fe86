// Viewers made of raw sockets, so that hundreds of them cost less than the server that is measured. They parse no more
// than they need: where an answer ends, and which part it brought.
import { connect } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')
const retryMs = 200
/** Milliseconds of the monotonic clock, the same in all processes of a machine. */
export const nowMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000

/** Every viewer has an address of its own, so that limits per address stay on. */
export const addressOf = (i) => `127.1.${i >> 8}.${i & 255}`

/** A connection that asks one thing after another. `onAnswer` is given status and body. */
class Asker {
  constructor({ host, port, localAddress, onAnswer }) {
    this.host = `${host}:${port}`
    this.onAnswer = onAnswer
    this.chunks = []
    this.size = 0
    this.need = 0
    this.socket = connect({ host, port, localAddress, noDelay: true })
    this.socket.on('data', (chunk) => this.read(chunk))
    this.socket.on('error', () => undefined)
  }

  ask(path) {
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: ${this.host}\r\n\r\n`, 'latin1')
  }

  read(chunk) {
    this.chunks.push(chunk)
    this.size += chunk.length
    if (this.size < this.need) return
    const all = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.size)
    this.chunks = [all]
    const end = all.indexOf(headEnd)
    if (end < 0) return
    const head = all.latin1Slice(0, end).toLowerCase()
    const at = head.indexOf('content-length: ')
    this.need = end + 4 + (at < 0 ? 0 : Number.parseInt(head.slice(at + 16), 10))
    if (all.length < this.need) return
    const body = all.subarray(end + 4, this.need)
    this.chunks = []
    this.size = 0
    this.need = 0
    this.onAnswer(Number(head.slice(9, 12)), body)
  }
}

/**
 * Plays as hls.js does at the live edge: a blocking reload of the picture's playlist for each part, and the part, on two
 * connections. `onPart(key, atMs)` for each part that has come whole; `onRefused(status)` for any other answer than 200.
 */
export function startPollingViewer({ host, port, localAddress, path, rendition, onPart, onRefused }) {
  let asked = ''
  const media = new Asker({ host, port, localAddress, onAnswer: (status) => (status === 200 ? onPart(asked, nowMs()) : onRefused(status)) })
  const base = `${path}/${rendition}`
  const playlist = new Asker({
    host, port, localAddress,
    onAnswer(status, body) {
      const line = status === 200 ? body.lastIndexOf('#EXT-X-PART:') : -1
      if (line < 0) {
        onRefused(status)
        setTimeout(() => playlist.ask(`${base}/index.m3u8`), retryMs)
        return
      }
      const text = body.latin1Slice(line, Math.min(body.length, line + 120))
      const [, seq, index] = /URI="(\d+)\.(\d+)\.m4s"/.exec(text)
      asked = `${seq}.${index}`
      media.ask(`${base}/${asked}.m4s`)
      playlist.ask(`${base}/index.m3u8?_HLS_msn=${seq}&_HLS_part=${Number(index) + 1}&_HLS_skip=YES`)
    },
  })
  playlist.ask(`${base}/index.m3u8`)
  return () => {
    media.socket.destroy()
    playlist.socket.destroy()
  }
}

/** Longest that must be seen of a frame: its length, its kind, and a part's fields up to its start. */
const seenBytes = 4 + 1 + 16
const kinds = { part: 2, end: 4 }

/**
 * Follows, and takes the response up again where it ends. `onPart(key, atMs, startUs)` for each part of the picture that
 * has come whole.
 */
export function startFollowingViewer({ host, port, localAddress, path, rendition, onPart, onRefused }) {
  const socket = connect({ host, port, localAddress, noDelay: true })
  socket.on('error', () => undefined)
  const ask = (query) => socket.write(`GET ${path}/follow?rendition=${rendition}${query} HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`, 'latin1')
  const seen = Buffer.alloc(seenBytes)
  let line = ''
  let state = 'head'
  let chunkLeft = 0
  let seenLength = 0
  let frameLeft = 0
  let nextSeq

  const finishFrame = () => {
    if (seen[4] === kinds.part && seen[5] === 0) onPart(`${seen.readUInt32BE(7)}.${seen.readUInt16BE(11)}`, nowMs(), seen.readDoubleBE(13))
    if (seen[4] === kinds.end) nextSeq = seen[5] === 0 ? seen.readUInt32BE(6) : undefined
    seenLength = 0
  }
  /** @returns {void} takes `chunk[at…end)`, all of it within one chunk of the transfer coding */
  const readPayload = (chunk, from, end) => {
    let at = from
    while (at < end) {
      if (seenLength < 4) {
        seen[seenLength++] = chunk[at++]
        if (seenLength === 4) frameLeft = seen.readUInt32BE(0)
        continue
      }
      const taken = Math.min(frameLeft, end - at)
      const kept = Math.min(taken, Math.max(0, seenBytes - seenLength))
      chunk.copy(seen, seenLength, at, at + kept)
      seenLength += kept
      frameLeft -= taken
      at += taken
      if (frameLeft === 0) finishFrame()
    }
  }
  const endLine = () => {
    if (state === 'head') {
      if (line !== '') {
        if (line.startsWith('HTTP/1.1') && !line.startsWith('HTTP/1.1 200')) onRefused(Number(line.slice(9, 12)))
        return
      }
      state = 'size'
    } else if (state === 'size' && line !== '') {
      chunkLeft = Number.parseInt(line, 16)
      state = chunkLeft === 0 ? 'last' : 'payload'
    } else if (state === 'last') {
      state = 'head'
      if (nextSeq !== undefined) ask(`&from=${nextSeq}`)
    }
  }
  socket.on('data', (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (state === 'payload') {
        const end = Math.min(chunk.length, at + chunkLeft)
        readPayload(chunk, at, end)
        chunkLeft -= end - at
        at = end
        if (chunkLeft === 0) state = 'size'
        continue
      }
      const newline = chunk.indexOf(10, at)
      line += chunk.latin1Slice(at, newline < 0 ? chunk.length : newline)
      if (newline < 0) return
      at = newline + 1
      line = line.trimEnd()
      endLine()
      line = ''
    }
  })
  ask('')
  return () => socket.destroy()
}
