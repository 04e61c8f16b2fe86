/** Reads what is asked for from a URL below `/live/`. Pure. */

import type { DeliveryRoute } from '../../core/delivery.js'

/** What is asked for. Numbers are whole and not negative; `NaN` stands for anything else that was written in their place. */
export type Question =
  | { readonly kind: 'master'; readonly streamId: string }
  | { readonly kind: 'origins'; readonly streamId: string }
  | { readonly kind: 'steering'; readonly streamId: string }
  | { readonly kind: 'follow'; readonly streamId: string; readonly rendition: string | undefined; readonly from: number | undefined }
  | { readonly kind: 'media'; readonly streamId: string; readonly rendition: string; readonly seq: number | undefined; readonly part: number | undefined; readonly skip: boolean }
  | { readonly kind: 'init'; readonly streamId: string; readonly rendition: string }
  | { readonly kind: 'segment'; readonly streamId: string; readonly rendition: string; readonly seq: number }
  | { readonly kind: 'part'; readonly streamId: string; readonly rendition: string; readonly seq: number; readonly index: number }

/** The name of each kind's route. */
export const routes = {
  master: '/live/:streamId/master.m3u8',
  origins: '/live/:streamId/origins',
  steering: '/live/:streamId/steering',
  follow: '/live/:streamId/follow',
  media: '/live/:streamId/:rendition/index.m3u8',
  init: '/live/:streamId/:rendition/init.mp4',
  segment: '/live/:streamId/:rendition/:segment.m4s',
  part: '/live/:streamId/:rendition/:part.m4s',
} as const satisfies Record<Question['kind'], DeliveryRoute>

const prefix = '/live/'
const mediaFile = /^(\d{1,15})(?:\.(\d{1,6}))?\.m4s$/

/** @returns `undefined` if there is nothing of that name */
export function parseQuestion(path: string, query: string): Question | undefined {
  if (!path.startsWith(prefix)) return undefined
  const [id = '', name = '', file, ...more] = path.slice(prefix.length).split('/')
  if (more.length > 0) return undefined
  const streamId = id.toLowerCase()
  if (file === undefined) {
    if (name === 'master.m3u8') return { kind: 'master', streamId }
    if (name === 'origins' || name === 'steering') return { kind: name, streamId }
    return name === 'follow' ? { kind: 'follow', streamId, rendition: readText(query, 'rendition'), from: readNumber(query, 'from') } : undefined
  }
  if (file === 'index.m3u8') {
    const skip = readText(query, '_HLS_skip')
    return { kind: 'media', streamId, rendition: name, seq: readNumber(query, '_HLS_msn'), part: readNumber(query, '_HLS_part'), skip: skip === 'YES' || skip === 'v2' }
  }
  if (file === 'init.mp4') return { kind: 'init', streamId, rendition: name }
  const match = mediaFile.exec(file)
  if (match === null) return undefined
  const seq = Number(match[1])
  return match[2] === undefined ? { kind: 'segment', streamId, rendition: name, seq } : { kind: 'part', streamId, rendition: name, seq, index: Number(match[2]) }
}

/** The first value of a name. Names and values here need no escapes; an escaped one is of nothing that exists. */
function readText(query: string, name: string): string | undefined {
  for (let at = 0; at < query.length; ) {
    const next = query.indexOf('&', at)
    const end = next < 0 ? query.length : next
    if (query.startsWith(name, at) && query[at + name.length] === '=') return query.slice(at + name.length + 1, end)
    at = end + 1
  }
  return undefined
}

function readNumber(query: string, name: string): number | undefined {
  const text = readText(query, name)
  if (text === undefined) return undefined
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN
}
