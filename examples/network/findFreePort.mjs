// Ports: the usual one if it is free, else any.
import { createServer } from 'node:net'

const tryPort = (port) =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1' }, () => {
      const taken = server.address().port
      server.close(() => resolve(taken))
    })
  })

/**
 * @param {number} preferred - 0 for any
 * @returns {Promise<number>} a TCP port of the loopback interface that was free a moment ago
 */
export async function findFreePort(preferred) {
  return (await tryPort(preferred)) ?? (await tryPort(0))
}
