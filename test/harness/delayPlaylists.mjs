// A proxy between viewers and an orchestrator that holds playlists back at random, as a network in trouble does; all else
// passes at once.
import { createServer, request } from 'node:http'

/** A playlist comes up to so much later (ms). */
const mostMs = 400

/**
 * @param {string} url - of the orchestrator
 * @returns {Promise<{ through: (url: string) => string, stop: () => Promise<void> }>} `through` gives an address of the orchestrator as the proxy has it
 */
export async function delayPlaylists(url) {
  const { hostname, port } = new URL(url)
  const server = createServer((asked, answer) => {
    const forwarded = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (response) => {
      const pass = () => {
        answer.writeHead(response.statusCode, response.headers)
        response.pipe(answer)
      }
      if (asked.url.split('?')[0].endsWith('.m3u8')) setTimeout(pass, Math.random() * mostMs)
      else pass()
    })
    forwarded.on('error', () => answer.destroy())
    answer.on('close', () => forwarded.destroy())
    asked.pipe(forwarded)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const { port: ownPort } = server.address()
  return {
    through: (address) => Object.assign(new URL(address), { host: `127.0.0.1:${ownPort}`, protocol: 'http:' }).href,
    stop: () => new Promise((stopped) => {
      server.close(stopped)
      server.closeAllConnections()
    }),
  }
}
