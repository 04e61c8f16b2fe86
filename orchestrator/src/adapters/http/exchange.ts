/** One request and its answer, over HTTP/1.1 or HTTP/2, without the layers that other routes need. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { DeliverySink } from '../../core/delivery.js'
import type { Selection } from './selectRepresentation.js'

/** What the server's `request` event brings. */
export type AnyRequest = IncomingMessage | Http2ServerRequest
/** Likewise. */
export type AnyResponse = ServerResponse | Http2ServerResponse

/** Milliseconds within which the last byte of an answer must be taken: at a slower rate nobody watches. */
const takingMs = 30_000

const isHttp2 = (response: AnyResponse): response is Http2ServerResponse => 'stream' in response

/**
 * Cuts an answer that is not taken: it would hold its connection, and what was sent of a stream in memory, for as long as its
 * client likes.
 */
export function limitTaking(response: AnyResponse, withinMs: number = takingMs): void {
  const exchange = isHttp2(response) ? response.stream : response
  // Mostly the system has taken it all already.
  if (exchange.destroyed || (!isHttp2(response) && response.writableLength === 0)) return
  const timer = setTimeout(() => (isHttp2(response) ? response.stream.close(constants.NGHTTP2_CANCEL) : response.destroy()), withinMs)
  timer.unref()
  exchange.once('close', () => clearTimeout(timer))
}

/** Sends a whole answer. `fields` is name, value, name, value. */
export function sendWhole(response: AnyResponse, { status, body }: Selection, fields: readonly string[], withBody: boolean): void {
  if (!isHttp2(response)) {
    response.writeHead(status, fields as string[])
    response.end(withBody && body.length > 0 ? body : undefined)
    limitTaking(response)
    return
  }
  const { stream } = response
  if (stream.destroyed) return
  const isEmpty = !withBody || body.length === 0
  stream.respond({ ':status': status, ...pairUp(fields) }, { endStream: isEmpty })
  if (!isEmpty) stream.end(body)
  limitTaking(response)
}

/** Begins a long answer. */
export function beginLong(response: AnyResponse, fields: readonly string[]): DeliverySink {
  return isHttp2(response) ? beginHttp2(response, fields) : beginHttp1(response, fields)
}

function beginHttp1(response: ServerResponse, fields: readonly string[]): DeliverySink {
  response.writeHead(200, fields as string[])
  return {
    write: (bytes) => void response.write(bytes),
    end: () => {
      response.end()
      limitTaking(response)
    },
    cut: () => void response.destroy(),
    get backlogBytes() {
      return response.writableLength
    },
  }
}

function beginHttp2(response: Http2ServerResponse, fields: readonly string[]): DeliverySink {
  const { stream } = response
  if (!stream.destroyed) stream.respond({ ':status': 200, ...pairUp(fields) })
  return {
    write: (bytes) => void (stream.writable && stream.write(bytes)),
    end: () => {
      stream.end()
      limitTaking(response)
    },
    cut: () => stream.close(constants.NGHTTP2_CANCEL),
    get backlogBytes() {
      return stream.writableLength
    },
  }
}

/** `vary` may come twice; nothing else does. */
function pairUp(fields: readonly string[]): Record<string, string> {
  const paired: Record<string, string> = {}
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string]
    paired[name] = paired[name] === undefined ? value : `${paired[name]}, ${value}`
  }
  return paired
}
