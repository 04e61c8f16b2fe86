/** A member's listener: takes evidence in, hands it out, and says what the member signed. Open to everybody. */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorCodes, StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { attestationPaths, decodeEvidence, evidenceLimits, hashEvidence, stringify, type Evidence } from '@streamflow/sdk/protocol'
import type { VerdictJournal } from '../../core/attestation/attester.js'
import type { EvidenceShelf } from './createEvidenceShelf.js'

type Hex = `0x${string}`

/** What a listener is made of. */
export interface AttestationServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** How others reach it; @default `http://<host>:<port>` */
  readonly publicUrl?: string
  readonly shelf: EvidenceShelf
  readonly journal: VerdictJournal
  /** Whether evidence is worth keeping: its receipt is signed by an orchestrator of the network. */
  readonly isWorthKeeping: (evidence: Evidence) => Promise<boolean>
}

/** A listener. */
export interface AttestationServer {
  /** How others reach it, without a trailing slash. */
  readonly url: string
  close(): Promise<void>
}

const maxConnections = 128
const requestTimeoutMs = 60_000
/** Files that may come in at once: each is held in memory until it is found to be of one piece. */
const maxIncoming = 2
const pathPattern = new RegExp(`^(${attestationPaths.evidence}|${attestationPaths.verdicts})/(0x[0-9a-f]{64})$`)
/** Pages hand evidence in from wherever they are. */
const cors = { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': 'content-type' } as const

/** Listens. @throws what the system says if the address cannot be had */
export async function openAttestationServer(options: AttestationServerOptions): Promise<AttestationServer> {
  let incoming = 0
  let url = ''

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming >= maxIncoming) throw new StreamflowError('Busy', 'other evidence is coming in')
    incoming++
    try {
      const evidence = decodeEvidence(await readBody(request))
      if (!(await options.isWorthKeeping(evidence))) throw new StreamflowError('Unauthorized', 'the receipt was not signed by an orchestrator of this network')
      await options.shelf.take(evidence)
      const receiptHash = hashEvidence(evidence)
      answer(response, 201, stringify({ receiptHash, url: `${url}${attestationPaths.evidence}/${receiptHash}` }))
    } finally {
      incoming--
    }
  }
  const give = async (path: string, name: Hex, response: ServerResponse): Promise<void> => {
    const isVerdict = path === attestationPaths.verdicts
    const found = isVerdict ? await options.journal.read(name) : await options.shelf.read(name)
    if (found === undefined) throw new StreamflowError('NotFound', isVerdict ? 'nothing is signed of this challenge' : 'no such evidence is here')
    if (found instanceof Uint8Array) response.writeHead(200, { ...cors, 'content-type': 'application/octet-stream', 'content-length': found.length }).end(found)
    else answer(response, 200, stringify(found))
  }
  const handle = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url: path = '' } = request
    const [, root, name] = pathPattern.exec(path) ?? []
    if (method === 'OPTIONS') return Promise.resolve(void response.writeHead(204, cors).end())
    if (method === 'POST' && path === attestationPaths.evidence) return take(request, response)
    if (method === 'GET' && root !== undefined && name !== undefined) return give(root, name as Hex, response)
    if (method === 'GET' && path === '/healthz') return Promise.resolve(answer(response, 200, '{"status":"ok"}'))
    return Promise.reject(new StreamflowError('NotFound', 'there is nothing at this address'))
  }

  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      const { code, message } = toStreamflowError(error, 'Internal')
      // What is left of a body is not waited for.
      if (!response.headersSent) response.setHeader('connection', 'close')
      answer(response, errorCodes[code].status, stringify({ code, message }))
    })
  })
  server.maxConnections = maxConnections
  server.listen({ host: options.host, port: options.port })
  await once(server, 'listening')
  url = (options.publicUrl ?? describeAddress(server)).replace(/\/+$/, '')
  return {
    url,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(response: ServerResponse, status: number, json: string): void {
  if (!response.headersSent) response.writeHead(status, { ...cors, 'content-type': 'application/json' })
  response.end(json)
}

function describeAddress(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const tooLarge = (): StreamflowError => new StreamflowError('MessageTooLarge', `evidence has at most ${evidenceLimits.bytes} bytes`, { data: { limitBytes: evidenceLimits.bytes } })
  if (Number(request.headers['content-length'] ?? 0) > evidenceLimits.bytes) throw tooLarge()
  const pieces: Buffer[] = []
  let total = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    total += piece.length
    if (total > evidenceLimits.bytes) throw tooLarge()
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}
