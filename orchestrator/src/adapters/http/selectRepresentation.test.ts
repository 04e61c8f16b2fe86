import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorReplySchema, parseJson } from '@streamflow/sdk/protocol'
import type { Representation } from '../../core/delivery.js'
import { selectRepresentation, type Selection } from './selectRepresentation.js'

const media: Representation = { status: 200, type: 'video/mp4', cacheControl: 'public', isText: false, tag: 'm', body: Uint8Array.from({ length: 100 }, (_, i) => i) }
const playlist: Representation = { status: 200, type: 'text/plain', cacheControl: 'no-cache', isText: true, tag: 'p', body: Buffer.from('#EXTM3U\n'.repeat(100)) }
const fieldOf = ({ fields }: Selection, name: string): string | undefined => fields[fields.indexOf(name) + 1]

describe('a range', () => {
  it.each([
    ['bytes=0-0', 206, 'bytes 0-0/100', 1],
    ['bytes=10-19', 206, 'bytes 10-19/100', 10],
    ['bytes=90-', 206, 'bytes 90-99/100', 10],
    ['bytes=-10', 206, 'bytes 90-99/100', 10],
    ['bytes=-1000', 206, 'bytes 0-99/100', 100],
    ['bytes=50-1000', 206, 'bytes 50-99/100', 50],
  ] as const)('%s is a piece of it', (...[range, status, contentRange, length]) => {
    const selection = selectRepresentation(media, { range })
    expect([selection.status, fieldOf(selection, 'content-range'), fieldOf(selection, 'content-length'), selection.body.length]).toEqual([status, contentRange, String(length), length])
  })

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0'])('%s that has no byte of it is refused with its length, and the body of every error', (range) => {
    const selection = selectRepresentation(media, { range })
    expect([selection.status, fieldOf(selection, 'content-range')]).toEqual([416, 'bytes */100'])
    expect(parseJson(errorReplySchema, Buffer.from(selection.body).toString()).code).toBe('BadMessage')
  })

  it.each(['bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,5-6', 'lines=1-2', 'x'])('%s that cannot be read, or of several pieces, is given the whole', (range) => {
    expect(selectRepresentation(media, { range })).toMatchObject({ status: 200, body: media.body })
  })

  it('holds only for the bytes that the client has a part of', () => {
    expect(selectRepresentation(media, { range: 'bytes=1-2', 'if-range': '"m"' }).status).toBe(206)
    expect(selectRepresentation(media, { range: 'bytes=1-2', 'if-range': '"other"' }).status).toBe(200)
  })

  it('is of what is not compressed', () => {
    expect(fieldOf(selectRepresentation(playlist, { range: 'bytes=0-6', 'accept-encoding': 'gzip' }), 'content-range')).toBe('bytes 0-6/800')
  })

  it('never yields anything but bytes of the whole, whatever is asked', () => {
    fc.assert(fc.property(fc.nat(300), fc.nat(300), fc.constantFrom('both', 'from', 'last'), (a, b, form) => {
      const range = { both: `bytes=${a}-${b}`, from: `bytes=${a}-`, last: `bytes=-${b}` }[form]
      const { status, body, fields } = selectRepresentation(media, { range })
      if (status === 416) return
      expect(Number(fields[fields.indexOf('content-length') + 1])).toBe(body.length)
      expect(Buffer.from(media.body).includes(Buffer.from(body))).toBe(true)
    }))
  })
})

describe('a client that has it', () => {
  it.each(['"m"', 'W/"m"', '"x", "m"', '*'])('and says so by %s is told that it has not changed', (tags) => {
    const selection = selectRepresentation(media, { 'if-none-match': tags })
    expect([selection.status, selection.body.length, fieldOf(selection, 'etag')]).toEqual([304, 0, '"m"'])
  })

  it('compressed has other bytes than one that has it plain', () => {
    expect(selectRepresentation(playlist, { 'if-none-match': '"p"', 'accept-encoding': 'gzip' }).status).toBe(200)
    expect(selectRepresentation(playlist, { 'if-none-match': '"p-gzip"', 'accept-encoding': 'gzip' }).status).toBe(304)
  })
})

describe('text', () => {
  it.each([['gzip, deflate, br', true], ['br;q=1.0, gzip;q=0.8', true], ['*', true], ['gzip;q=0', false], ['br', false], [undefined, false], ['xgzip', false]] as const)('is compressed for who accepts %s: %s', (accepted, isCompressed) => {
    const selection = selectRepresentation(playlist, { 'accept-encoding': accepted })
    expect(selection.fields.includes('content-encoding')).toBe(isCompressed)
    expect(fieldOf(selection, 'vary')).toBe('accept-encoding')
    expect(Buffer.from(isCompressed ? gunzipSync(selection.body) : selection.body)).toEqual(playlist.body)
  })

  it('is compressed once for all', () => {
    const [first, second] = [1, 2].map(() => selectRepresentation(playlist, { 'accept-encoding': 'gzip' }))
    expect(first).toBe(second)
  })

  it('is not compressed when it is media or small', () => {
    for (const other of [media, { ...playlist, body: Buffer.from('#EXTM3U') }]) expect(selectRepresentation(other, { 'accept-encoding': 'gzip' }).fields).not.toContain('content-encoding')
  })
})
