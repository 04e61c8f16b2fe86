import { expect, it } from 'vitest'
import { findSegment } from './findSegment.js'

const playlist = `#EXTM3U
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4"
#EXTINF:1.000000,
7.m4s
#EXT-X-GAP
#EXTINF:1.000000,
8.m4s
#EXT-X-PART:DURATION=0.250000,URI="9.0.m4s",INDEPENDENT=YES
#EXTINF:1.000000,
https://cdn.example/9.m4s
#EXT-X-PART:DURATION=0.250000,URI="10.0.m4s"
`

it.each([
  [6, undefined],
  [7, { init: 'init.mp4', media: '7.m4s' }],
  [8, undefined],
  [9, { init: 'init.mp4', media: 'https://cdn.example/9.m4s' }],
  [10, undefined],
])('segment %i of a playlist is found where it is whole and no gap', (seq, address) => expect(findSegment(playlist, seq)).toEqual(address))

it('a text that is no playlist has none', () => expect(findSegment('<html>', 0)).toBeUndefined())
