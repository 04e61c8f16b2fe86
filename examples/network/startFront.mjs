// What stands in front of several processes of one orchestrator: passes connections on to one of them, and to another when that one
// no longer answers. Streams and their viewers belong to a process, so it keeps to the one that answered last.
import { connect, createServer } from 'node:net'
import { once } from 'node:events'

/**
 * @param {{ port: number, backends: number[] }} options - ports of this machine
 * @returns {Promise<{ close(): Promise<void> }>}
 */
export async function startFront({ port, backends }) {
  let current = 0
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set()
  const track = (socket) => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => open.delete(socket))
  }
  const pass = (client, tries) => {
    const chosen = current
    const backend = connect({ host: '127.0.0.1', port: backends[chosen], allowHalfOpen: true })
    track(backend)
    let isThere = false
    backend.once('connect', () => {
      isThere = true
      client.pipe(backend).pipe(client)
    })
    backend.once('error', () => {
      if (isThere || client.destroyed || tries === backends.length) return void client.destroy()
      if (chosen === current) current = (current + 1) % backends.length
      pass(client, tries + 1)
    })
    // Whoever goes takes the other side along.
    backend.once('close', () => isThere && client.destroy())
    client.once('close', () => backend.destroy())
  }
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    track(client)
    client.on('error', () => client.destroy())
    pass(client, 1)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
