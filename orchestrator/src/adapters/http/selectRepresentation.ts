/**
 * Which bytes of a representation answer a request: compressed or not, not at all if the client has them, or a range
 * (RFC 9110 §8, §13, §14). What does not depend on the request is made once per representation.
 */

import { gzipSync } from 'node:zlib'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createErrorReply, stringify } from '@streamflow/sdk/protocol'
import type { Representation } from '../../core/delivery.js'

/** The fields of a request that matter here. */
export interface SelectingFields {
  readonly 'accept-encoding'?: string | readonly string[] | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-range'?: string | readonly string[] | undefined
  readonly range?: string | undefined
}

/** What is sent. */
export interface Selection {
  readonly status: number
  /** Name, value, name, value; names in lower case. */
  readonly fields: readonly string[]
  readonly body: Uint8Array
}

/** Text smaller than this is not worth the compressing. */
const minGzipBytes = 512
/** Playlists repeat themselves: more effort makes them a few per cent smaller and takes twice the time. */
const gzipLevel = 2
const nothing = new Uint8Array(0)

interface Variant {
  /** In quotes; absent where there is nothing to be conditional on. */
  readonly tag: string | undefined
  readonly whole: Selection
  readonly unchanged: Selection
}

const plainVariants = new WeakMap<Representation, Variant>()
const gzipVariants = new WeakMap<Representation, Variant>()

/** Selects. Whoever gets the same selection gets the same object. */
export function selectRepresentation(representation: Representation, asked: SelectingFields): Selection {
  const isGzip = representation.isText && representation.body.length >= minGzipBytes && asked.range === undefined && acceptsGzip(asked['accept-encoding'])
  const variant = isGzip ? getVariant(gzipVariants, representation, 'gzip') : getVariant(plainVariants, representation, undefined)
  if (variant.tag === undefined) return variant.whole
  const has = asked['if-none-match']
  if (has !== undefined && isListed(has, variant.tag)) return variant.unchanged
  if (asked.range === undefined || (asked['if-range'] !== undefined && asked['if-range'] !== variant.tag)) return variant.whole
  return selectRange(variant.whole, asked.range)
}

function getVariant(known: WeakMap<Representation, Variant>, representation: Representation, encoding: 'gzip' | undefined): Variant {
  let variant = known.get(representation)
  if (variant === undefined) known.set(representation, (variant = createVariant(representation, encoding)))
  return variant
}

function createVariant({ status, type, cacheControl, body, isText, tag, retryAfterSeconds }: Representation, encoding: 'gzip' | undefined): Variant {
  const bytes = encoding === undefined ? body : gzipSync(body, { level: gzipLevel })
  const quoted = tag === undefined ? undefined : `"${tag}${encoding === undefined ? '' : `-${encoding}`}"`
  const kept = ['cache-control', cacheControl, ...(quoted === undefined ? [] : ['etag', quoted]), ...(isText ? ['vary', 'accept-encoding'] : [])]
  const fields = [
    'content-type', type, 'content-length', String(bytes.length), ...kept, ...(quoted === undefined ? [] : ['accept-ranges', 'bytes']),
    ...(encoding === undefined ? [] : ['content-encoding', encoding]), ...(retryAfterSeconds === undefined ? [] : ['retry-after', String(retryAfterSeconds)]),
  ]
  return { tag: quoted, whole: { status, fields, body: bytes }, unchanged: { status: 304, fields: kept, body: nothing } }
}

/** Whether `gzip` or `*` is named, and not with a weight of nought. */
function acceptsGzip(accepted: string | readonly string[] | undefined): boolean {
  if (accepted === undefined) return false
  const weight = /(?:^|[\s,])(?:gzip|\*)\s*(?:;\s*q=([\d.]+))?\s*(?:,|$)/i.exec(String(accepted))
  return weight !== null && (weight[1] === undefined || Number(weight[1]) > 0)
}

/** By weak comparison: a proxy that transformed the bytes has put `W/` before the tag. */
function isListed(list: string, tag: string): boolean {
  return list === tag || list.trim() === '*' || list.split(',').some((entry) => entry.trim().replace(/^W\//, '') === tag)
}

/** One range is served; what asks for several, or cannot be read, is given the whole, which is allowed. */
function selectRange(whole: Selection, range: string): Selection {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(range)
  if (match === null || (match[1] === '' && match[2] === '')) return whole
  const [, first = '', last = ''] = match
  const { length } = whole.body
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return whole
  if (start >= length || end < start) return refuseRange(length)
  const fields = replaceLength(whole.fields, end - start + 1)
  return { status: 206, fields: [...fields, 'content-range', `bytes ${start}-${end}/${length}`], body: whole.body.subarray(start, end + 1) }
}

function replaceLength(fields: readonly string[], length: number): readonly string[] {
  const copy = [...fields]
  copy[copy.indexOf('content-length') + 1] = String(length)
  return copy
}

function refuseRange(length: number): Selection {
  const error = new StreamflowError('BadMessage', `the range lies outside of ${length} bytes`, { data: { length } })
  const body = Buffer.from(stringify(createErrorReply(error)))
  return {
    status: 416, body,
    fields: ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), 'cache-control', 'no-store', 'content-range', `bytes */${length}`],
  }
}
