/** What the operator may ask of the running server, and how it is answered. Each request carries the token of `operator.json`. */

import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createErrorReply, stringify } from '@streamflow/sdk/protocol'
import { codeError } from './errors.js'
import type { ListedStream } from '../../core/streams/listedStream.js'
import type { MarketOverview, Overview, PriceOverview } from './operatorOverview.js'

type Hex = `0x${string}`

/** What the server does for its operator. */
export interface OperatorControl {
  /** Without it nothing is answered. */
  readonly token: string
  listStreams(): readonly ListedStream[]
  overview(): Promise<Overview>
  /** @throws {@link StreamflowError} `ChainUnavailable` */
  market(): Promise<MarketOverview>
  /** The last lines of the log, JSON each. */
  readLog(): readonly string[]
  readPrice(): Promise<PriceOverview>
  /** wei per 10^6 output pixels. @throws {@link StreamflowError} `InvalidArgument` beyond the bounds */
  setPrice(perMillionPixels: bigint): Promise<void>
  /** Resolves when it has ended. @throws {@link StreamflowError} `StreamNotFound` */
  endStream(streamId: Hex): Promise<void>
  /** Takes no more streams; those that run are told to move. Resolves when none is left. */
  drain(): Promise<void>
  /** A look at the winners now. */
  redeem(): Promise<void>
  /** Makes durable that something is about to be changed. @throws {@link StreamflowError} `LedgerFailed` */
  audit(what: string): Promise<void>
}

type Handler = (control: OperatorControl, argument: string) => Promise<unknown>

/** By method and path; what follows in the path is the argument. */
const handlers: readonly { readonly method: string; readonly path: RegExp; readonly handle: Handler }[] = [
  { method: 'GET', path: /^\/overview()$/, handle: (control) => control.overview() },
  { method: 'GET', path: /^\/market()$/, handle: (control) => control.market() },
  { method: 'GET', path: /^\/log()$/, handle: async (control) => ({ lines: control.readLog() }) },
  { method: 'GET', path: /^\/price()$/, handle: (control) => control.readPrice() },
  {
    method: 'PUT',
    path: /^\/price\/(\d{1,30})$/,
    handle: async (control, wei) => {
      await control.audit(`set price ${wei}`)
      await control.setPrice(BigInt(wei))
      return control.readPrice()
    },
  },
  { method: 'GET', path: /^\/streams()$/, handle: async (control) => ({ streams: control.listStreams() }) },
  {
    method: 'DELETE',
    path: /^\/streams\/(0x[0-9a-fA-F]{64})$/,
    handle: async (control, streamId) => {
      await control.audit(`end stream ${streamId}`)
      await control.endStream(streamId.toLowerCase() as Hex)
      return { streamId }
    },
  },
  {
    method: 'POST',
    path: /^\/drain()$/,
    handle: async (control) => {
      await control.audit('drain')
      await control.drain()
      return { streams: control.listStreams().length }
    },
  },
  {
    method: 'POST',
    path: /^\/redeem()$/,
    handle: async (control) => {
      await control.audit('redeem now')
      await control.redeem()
      return {}
    },
  },
]

function isAllowed({ token }: OperatorControl, header: string | undefined): boolean {
  const [given, expected] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Answers a request of the operator. @returns whether there is such a request */
export function answerOperator(control: OperatorControl, request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '', method = '' } = request
  const found = handlers.find((handler) => handler.method === method && handler.path.test(url))
  if (found === undefined) return false
  const reply = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }).end(stringify(body))
  const answer = async (): Promise<unknown> => {
    if (!isAllowed(control, request.headers.authorization)) throw new StreamflowError('Unauthorized', 'the request does not carry the token of this server', { help: 'The token lies in operator.json, in the data directory.' })
    return found.handle(control, found.path.exec(url)?.[1] ?? '')
  }
  answer().then(
    (body) => reply(200, body),
    (thrown: unknown) => {
      const error = codeError(thrown)
      reply(error.status, createErrorReply(error))
    },
  )
  return true
}
