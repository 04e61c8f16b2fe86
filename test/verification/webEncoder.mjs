// A second encoder beside x264: the one that Chromium brings for WebCodecs (OpenH264 where there is no device), in a page of its own.
import { createServer } from 'node:http'
import { launchChromium } from '../harness/launchChromium.mjs'

/** Runs in the page: encodes pictures that lie one after the other, and says which are keyframes. */
async function encodeInPage({ width, height, rate, bitrate, firsts }) {
  const config = { codec: 'avc1.42e028', width, height, bitrate, framerate: rate, latencyMode: 'realtime', bitrateMode: 'constant', avc: { format: 'annexb' } }
  if ((await VideoEncoder.isConfigSupported(config).catch(() => ({}))).supported !== true) return undefined
  const pictures = new Uint8Array(await (await fetch('/pictures')).arrayBuffer())
  const length = (width * height * 3) / 2
  const chunks = []
  const keys = []
  let failure
  const encoder = new VideoEncoder({
    output(chunk) {
      const bytes = new Uint8Array(chunk.byteLength)
      chunk.copyTo(bytes)
      if (chunk.type === 'key') keys.push(chunks.length)
      chunks.push(bytes)
    },
    error: (error) => (failure = error),
  })
  encoder.configure(config)
  for (let i = 0; (i + 1) * length <= pictures.length && failure === undefined; i++) {
    const frame = new VideoFrame(pictures.subarray(i * length, (i + 1) * length), { format: 'I420', codedWidth: width, codedHeight: height, timestamp: Math.round((i * 1e6) / rate) })
    encoder.encode(frame, { keyFrame: firsts.includes(i) })
    frame.close()
    if (encoder.encodeQueueSize > 8) await new Promise((resolve) => (encoder.ondequeue = resolve))
  }
  if (failure === undefined) await encoder.flush()
  await fetch('/coded', { method: 'POST', body: new Blob(chunks) })
  return { count: chunks.length, keys }
}

/**
 * @returns {Promise<{ encode(pictures: Uint8Array[], options: { width: number, height: number, rate: number, bitrate: number, firsts: number[] }): Promise<{ bytes: Buffer, keys: number[] } | undefined>, close(): Promise<void> }>}
 *   `encode`: a stream of H.264 as Annex B; nothing where this Chromium has no such encoder, or dropped pictures
 */
export async function openWebEncoder() {
  let [given, taken] = [[], Buffer.alloc(0)]
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') taken = Buffer.concat(await request.toArray())
    response.setHeader('content-type', request.url === '/' ? 'text/html' : 'application/octet-stream')
    response.end(request.url === '/pictures' ? Buffer.concat(given) : '')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  return {
    async encode(pictures, options) {
      given = pictures
      const coded = await page.evaluate(encodeInPage, options)
      return coded?.count === pictures.length ? { bytes: taken, keys: coded.keys } : undefined
    },
    async close() {
      await browser.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
