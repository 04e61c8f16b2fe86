/** The operator's page: its three files, which say nothing and know nothing. What it shows it asks for with the token. */

import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'

/** The same from the sources and from what is built of them. */
const root = new URL('../../../', import.meta.url)

const files: Readonly<Record<string, { readonly location: string; readonly type: string }>> = {
  '/admin': { location: 'admin/public/index.html', type: 'text/html; charset=utf-8' },
  '/admin/admin.css': { location: 'admin/public/admin.css', type: 'text/css; charset=utf-8' },
  '/admin/admin.js': { location: 'dist/admin/admin.js', type: 'text/javascript; charset=utf-8' },
}

/** Nothing runs that is not in our own files, nothing leaves for elsewhere, and nobody shows the page in theirs. */
const fields = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src blob:; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
} as const

/** Answers a request for the page. @returns whether it was one */
export function answerOperatorPage({ url = '', method = '' }: IncomingMessage, response: ServerResponse): boolean {
  const file = Object.hasOwn(files, url) ? files[url] : undefined
  if (file === undefined || (method !== 'GET' && method !== 'HEAD')) return false
  let body: Buffer
  try {
    body = readFileSync(fileURLToPath(new URL(file.location, root)))
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('the page is not part of this build\n')
    return true
  }
  response.writeHead(200, { ...fields, 'content-type': file.type, 'content-length': body.length }).end(method === 'HEAD' ? undefined : body)
  return true
}
