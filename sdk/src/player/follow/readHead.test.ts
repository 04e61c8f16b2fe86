import { describe, expect, it } from 'vitest'
import type { FollowHead } from '../../protocol/follow.js'
import { computeFollowUrl } from './followUrl.js'
import { readHead } from './readHead.js'

const head: FollowHead = {
  version: 1, rendition: '360p', frameRate: 30, startTimeMs: 1_700_000_000_000, partTargetUs: 100_000, segmentDurationMs: 1000, oldestSeq: 3, fromSeq: 9, soundCodecs: 'mp4a.40.2',
  renditions: [{ name: '360p', width: 640, height: 360, bitrate: 800_000, codecs: 'avc1.4d401e' }, { name: '180p', width: 320, height: 180, bitrate: 300_000, codecs: '' }],
}

describe('readHead', () => {
  it('takes what an orchestrator sends', () => expect(readHead(head)).toBe(head))

  it.each([
    ['no head', undefined],
    ['a later version', { ...head, version: 2 }],
    ['a rendition that is not listed', { ...head, rendition: '720p' }],
    ['no codecs for what is sent', { ...head, rendition: '180p' }],
    ['renditions without end', { ...head, renditions: Array.from({ length: 1000 }, () => head.renditions[0]) }],
    ['segments of no length', { ...head, segmentDurationMs: 0 }],
    ['a segment that is no number', { ...head, fromSeq: 'x' }],
    ['a name without end', { ...head, renditions: [{ ...head.renditions[0], name: 'x'.repeat(10_000) }] }],
  ])('refuses %s', (_, bad) => expect(() => readHead(bad as FollowHead)).toThrowError(expect.objectContaining({ code: 'BadMessage' })))
})

describe('computeFollowUrl', () => {
  it('stands beside the master playlist, with its query', () => {
    expect(computeFollowUrl('/live/0xab/master.m3u8?token=1', 'https://o.example/page', { rendition: '360p', from: 7 })).toBe('https://o.example/live/0xab/follow?token=1&rendition=360p&from=7')
  })
  it.each(['https://o.example/other.m3u8', 'blob:https://o.example/x', 'http://['])('knows none for %s', (url) => expect(computeFollowUrl(url, 'https://o.example/', {})).toBeUndefined())
})
