// Orchestrators of every kind that a market has: some answer with a quote of their own, some take the connection and say
// nothing, at some addresses nobody listens. One process is all of them, each at a port of its own; none of them can do any work.
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { createKeySigner, createPrivateKey, hashQuote } from '@streamflow/sdk/payments'

const corsFields = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type, authorization', 'access-control-allow-methods': 'POST', 'access-control-max-age': '86400' }
const host = '127.0.0.1'

const listen = (server) => new Promise((resolve, reject) => server.once('error', reject).listen({ port: 0, host }, () => resolve(server.address().port)))

/** Half of them answer; of the rest half are silent, half are gone. */
const findKind = (index) => (index % 2 === 0 ? 'answers' : index % 4 === 1 ? 'silent' : 'gone')

/**
 * @param {object} options
 * @param {number} options.count
 * @param {{ chainId: number, ticketBroker: `0x${string}` }} options.domain
 * @param {() => import('@streamflow/sdk/payments').SignedQuote | undefined} options.readQuote - one of another orchestrator, for the
 *   same sender, whose parameters these take over at twice the price; asked at each question
 * @returns {Promise<{ members: { address: `0x${string}`, uri: string, kind: 'answers' | 'silent' | 'gone' }[], stop(): Promise<void> }>}
 */
export async function startCrowd({ count, domain, readQuote }) {
  const servers = []
  const members = []
  const sockets = new Set()
  for (let index = 0; index < count; index++) {
    const signer = createKeySigner(createPrivateKey())
    const kind = findKind(index)
    const server = kind === 'answers' ? createHttpServer(answerAs({ signer, domain, readQuote })) : createTcpServer((socket) => socket.on('error', () => {}).resume())
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    members.push({ address: signer.address, uri: `http://${host}:${await listen(server)}`, kind })
    servers.push(server)
  }
  // Only now: a port that is free again would be somebody else's.
  for (const [index, { kind }] of members.entries()) if (kind === 'gone') servers[index].close()
  return {
    members,
    async stop() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function answerAs({ signer, domain, readQuote }) {
  const text = (value) => JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member))
  return (request, response) => {
    const answer = (status, body) => response.writeHead(status, { ...corsFields, 'content-type': 'application/json' }).end(body)
    if (request.method === 'OPTIONS') return answer(204)
    request.resume().once('end', () => {
      const like = readQuote()
      if (request.url !== '/v1/quotes' || like === undefined) return answer(404, '{}')
      const { signature: _, ...parameters } = like
      const quote = { ...parameters, recipient: signer.address, pricePerMillionPixels: 2n * like.pricePerMillionPixels, pricePerMillionInputPixels: 2n * like.pricePerMillionInputPixels }
      return answer(200, text({ version: 1, quote: { ...quote, signature: signer.sign(hashQuote(domain, quote)) }, freePixelsPerSecond: 0 }))
    })
  }
}
