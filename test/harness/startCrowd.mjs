// Orchestrators of every kind that a market has: some answer with a quote of their own, some take the connection and say
// nothing, at some addresses nobody listens. One process is all of them; none of them can do any work.
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { createKeySigner, createPrivateKey, hashQuote } from '@streamflow/sdk/payments'

const corsFields = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type, authorization', 'access-control-allow-methods': 'POST', 'access-control-max-age': '86400' }

const listen = (server) => new Promise((resolve, reject) => server.once('error', reject).listen({ port: 0, host: '127.0.0.1' }, () => resolve(server.address().port)))

/**
 * @param {object} options
 * @param {number} options.count - half of them answer; of the rest half are silent, half are gone
 * @param {{ chainId: number, ticketBroker: `0x${string}` }} options.domain
 * @param {(request: object) => Promise<object>} options.quoteLike - a good quote of another orchestrator for the same question, whose parameters these take over
 * @returns {Promise<{ entries: { address: `0x${string}`, uri: string }[], stop(): Promise<void> }>}
 */
export async function startCrowd({ count, domain, quoteLike }) {
  const servers = []
  const entries = []
  const sockets = new Set()
  for (let index = 0; index < count; index++) {
    const signer = createKeySigner(createPrivateKey())
    const kind = index % 2 === 0 ? 'answers' : index % 4 === 1 ? 'silent' : 'gone'
    const server = kind === 'answers' ? createHttpServer(answerAs({ signer, domain, quoteLike })) : createTcpServer((socket) => socket.on('error', () => {}).resume())
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    const port = await listen(server)
    if (kind === 'gone') server.close()
    else servers.push(server)
    entries.push({ address: signer.address, uri: `http://127.0.0.1:${port}` })
  }
  return {
    entries,
    async stop() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function answerAs({ signer, domain, quoteLike }) {
  return (request, response) => {
    if (request.method === 'OPTIONS') return response.writeHead(204, corsFields).end()
    let body = ''
    request.on('data', (data) => (body += data))
    request.on('end', async () => {
      const { signature: _, ...like } = await quoteLike(JSON.parse(body))
      const quote = { ...like, recipient: signer.address, pricePerMillionPixels: 2n * like.pricePerMillionPixels, pricePerMillionInputPixels: 2n * like.pricePerMillionInputPixels }
      const signed = { ...quote, signature: signer.sign(hashQuote(domain, quote)) }
      const text = JSON.stringify({ version: 1, quote: signed, freePixelsPerSecond: 0 }, (_, value) => (typeof value === 'bigint' ? String(value) : value))
      response.writeHead(200, { ...corsFields, 'content-type': 'application/json' }).end(text)
    })
  }
}
