// The studio over HTTP: its static files, and what only the local network may say (`/network.json`).
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/** What a document says is for a developer's own page too, which is served from elsewhere. */
const forAnyPage = { 'access-control-allow-origin': '*' }

/** @returns {Promise<{ body: Buffer, type: string } | undefined>} the first file of that name below one of the folders */
async function readStatic(folders, path) {
  const name = path.endsWith('/') ? `${path}index.html` : path
  const relative = normalize(name).replace(/^[/\\]+/, '')
  if (relative.split(sep).includes('..')) return undefined
  for (const folder of folders) {
    try {
      return { body: await readFile(join(folder, relative)), type: contentTypes[extname(relative)] ?? 'application/octet-stream' }
    } catch (error) {
      if (!['ENOENT', 'EISDIR', 'ENOTDIR'].includes(error.code)) throw error
    }
  }
  return undefined
}

/**
 * Serves folders over HTTP on the loopback interface.
 * @param {{ folders: string[], documents: Record<string, () => unknown>, port: number }} options - `documents`: JSON by path, made at each request
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serveStudio({ folders, documents, port }) {
  const server = createServer((request, response) => {
    const answer = (status, type, body, more = {}) => response.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff', ...more }).end(request.method === 'HEAD' ? undefined : body)
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'text/plain', 'GET only')
    let path
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    } catch {
      return answer(400, 'text/plain', 'not a path')
    }
    const make = Object.hasOwn(documents, path) ? documents[path] : undefined
    if (make !== undefined) return answer(200, contentTypes['.json'], JSON.stringify(make()), forAnyPage)
    readStatic(folders, path).then(
      (file) => (file === undefined ? answer(404, 'text/plain', `nothing at ${path}`) : answer(200, file.type, file.body)),
      (error) => answer(500, 'text/plain', error.message),
    )
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen({ port, host: '127.0.0.1' }, resolve))
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
