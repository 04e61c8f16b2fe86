// The network in front of one orchestrator: all that reaches it passes here, HTTP and data channels alike, until nothing does.
// A black hole refuses nothing and closes nothing: it only never answers, which no signal to a process can do. A poor line
// (datagrams only: the broadcaster's) is as slow as it is told, has a queue, and loses some.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Agent, createServer, request as ask } from 'node:http'

/** An answer to an SDP offer is a page or two. */
const maxAnswerBytes = 64 * 1024
const candidateLine = /^a=candidate:(\S+) 1 udp (\d+) (\d+\.\d+\.\d+\.\d+) (\d+) typ host/i

/**
 * Names a relay in a session description instead of the addresses that are in it. Pure.
 * @param {string} sdp
 * @param {number} port - of the relay, at the same address
 * @returns {string}
 */
export function nameRelay(sdp, port) {
  const lines = sdp.split('\r\n')
  const named = lines.find((line) => candidateLine.test(line))
  return lines.flatMap((line) => (line === named ? [line.replace(candidateLine, `a=candidate:$1 1 UDP $2 $3 ${port} typ host`)] : line.startsWith('a=candidate:') ? [] : [line])).join('\r\n')
}

/** @returns {{ address: string, port: number } | undefined} where the first candidate of a session description receives */
export function findCandidate(sdp) {
  const [, , , address, port] = sdp.split('\r\n').map((line) => candidateLine.exec(line)).find(Boolean) ?? []
  return address === undefined ? undefined : { address, port: Number(port) }
}

/**
 * For a page whose packets are to pass the relay: names none of its own addresses in an offer, as browsers do behind mDNS, so
 * that an orchestrator has no other way to it. To be run in the page, before anything else.
 */
export function hideCandidates() {
  const { prototype } = RTCPeerConnection
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'localDescription')
  Object.defineProperty(prototype, 'localDescription', {
    get() {
      const description = get.call(this)
      return description && new RTCSessionDescription({ type: description.type, sdp: description.sdp.replace(/^a=candidate:.*\r\n/gm, '') })
    },
  })
}

/**
 * A line in one direction: what is sent leaves in turn at the line's rate, is lost by chance, and arrives later.
 * @param {() => Line | undefined} read - what the line is like now; undefined: as the machine has it
 * @returns {(length: number, go: () => void) => void}
 *
 * @typedef {object} Line
 * @property {number} bitsPerSecond
 * @property {number} delayMs - one way
 * @property {number} lossShare - of datagrams
 * @property {number} [queueMs] - what would wait longer is dropped; 200 unless told, as much as modems keep
 */
function createLine(read) {
  let freeMs = 0
  return (length, go) => {
    const line = read()
    if (line === undefined) return go()
    const { bitsPerSecond, delayMs, lossShare, queueMs = 200 } = line
    const nowMs = performance.now()
    if (freeMs - nowMs > queueMs || Math.random() < lossShare) return
    freeMs = Math.max(freeMs, nowMs) + (length * 8_000) / bitsPerSecond
    setTimeout(go, freeMs - nowMs + delayMs)
  }
}

async function bind(address) {
  const socket = createSocket('udp4')
  socket.on('error', () => undefined) // nobody listens there any more
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

/**
 * @param {number} targetPort - where the orchestrator will listen, on the loopback
 * @returns {Promise<{ url: string, setBlackHole(isHole: boolean): void, setLine(line: Line | undefined): void, close(): Promise<void> }>}
 */
export async function createRelay(targetPort) {
  let isHole = false
  let line
  const agent = new Agent({ keepAlive: true })
  /** What waits for the way to be open again. */
  const held = []
  const sockets = new Set()
  /** Answers on their way, and to whom. */
  const flows = new Map()
  const whenOpen = (go) => (isHole ? held.push(go) : go())

  /** A UDP way to the candidate of an answer. @returns its port */
  const openWay = async ({ address, port }) => {
    const front = await bind(address)
    sockets.add(front)
    /** One way back for each that sends. */
    const backs = new Map()
    const [up, down] = [createLine(() => line), createLine(() => line)]
    front.on('message', (message, from) => {
      if (isHole) return
      const name = `${from.address}:${from.port}`
      if (!backs.has(name)) {
        backs.set(name, bind(address).then((back) => {
          sockets.add(back)
          return back.on('message', (reply) => isHole || down(reply.length, () => sockets.has(front) && front.send(reply, from.port, from.address)))
        }))
      }
      void backs.get(name).then((back) => up(message.length, () => sockets.has(back) && back.send(message, port, address)))
    })
    return front.address().port
  }
  const rewriteAnswer = async (answer) => {
    let text = ''
    for await (const chunk of answer) {
      text += chunk
      if (text.length > maxAnswerBytes) throw new Error('the answer is too long')
    }
    const body = JSON.parse(text)
    const candidate = typeof body.answer?.sdp === 'string' ? findCandidate(body.answer.sdp) : undefined
    if (candidate === undefined) return text
    body.answer.sdp = nameRelay(body.answer.sdp, await openWay(candidate))
    return JSON.stringify(body)
  }
  const pass = async (answer, response, isOpening) => {
    if (isOpening) {
      const text = await rewriteAnswer(answer)
      const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers
      response.writeHead(answer.statusCode, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
      return
    }
    response.writeHead(answer.statusCode, answer.headers).flushHeaders()
    flows.set(answer, response)
    answer.once('close', () => {
      flows.delete(answer)
      if (!answer.complete) whenOpen(() => response.destroy())
    })
    answer.pipe(response)
  }
  const server = createServer((request, response) =>
    whenOpen(() => {
      const { method, url, headers } = request
      const upstream = ask({ host: '127.0.0.1', port: targetPort, method, path: url, headers, agent })
      upstream.once('error', () => whenOpen(() => response.destroy()))
      upstream.once('response', (answer) => {
        answer.once('error', () => undefined) // its end is heard
        whenOpen(() => void pass(answer, response, method === 'POST' && url === '/v1/streams').catch(() => response.destroy()))
      })
      response.once('close', () => upstream.destroy())
      request.pipe(upstream)
    }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${server.address().port}`,
    setBlackHole(next) {
      isHole = next
      for (const [answer, response] of flows) {
        if (isHole) answer.unpipe(response)
        else answer.pipe(response)
      }
      if (!isHole) for (const go of held.splice(0)) go()
    },
    setLine(next) {
      line = next
    },
    async close() {
      for (const socket of sockets) socket.close()
      sockets.clear()
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
