import { describe, expect, test } from 'vitest'
import { computeSkippedSegments, foreseeNextPart, renderMasterPlaylist, renderMediaPlaylist, type MediaPlaylistView } from './renderPlaylists.js'
import type { WindowSegment } from './renditionWindow.js'

function segment(seq: number, parts: number, state: WindowSegment['state'] = 'complete'): WindowSegment {
  return {
    seq, state, isDiscontinuous: false, startUs: seq * 1e6, durationUs: state === 'gap' ? 1e6 : parts * 250_000,
    parts: Array.from({ length: parts }, (_, i) => ({ durationUs: 250_000, independent: i === 0, bytes: new Uint8Array(1) })),
  }
}

function view(segments: readonly WindowSegment[], change: Partial<MediaPlaylistView> = {}): MediaPlaylistView {
  return { segments, isEnded: false, targetDurationSeconds: 1, partTargetUs: 250_000, foreseeEnd: (startUs) => startUs + 1e6, discontinuitySequence: 0, startTimeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6), reports: [], ...change }
}

describe('a media playlist', () => {
  test('of a live stream lists the parts of the last three segments and of the open one', () => {
    expect(renderMediaPlaylist(view([segment(7, 4), segment(8, 0, 'gap'), segment(9, 4), segment(10, 4), segment(11, 2, 'open')], { reports: [{ rendition: 'audio', lastSeq: 11, lastPart: 1 }, { rendition: '180p', lastSeq: 12, lastPart: undefined }] }), false)).toMatchInlineSnapshot(`
      "#EXTM3U
      #EXT-X-VERSION:9
      #EXT-X-TARGETDURATION:1
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.750000,CAN-SKIP-UNTIL=6.000000
      #EXT-X-PART-INF:PART-TARGET=0.250000
      #EXT-X-MEDIA-SEQUENCE:7
      #EXT-X-MAP:URI="init.mp4"
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:12.006Z
      #EXTINF:1.000000,
      7.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:13.006Z
      #EXT-X-GAP
      #EXTINF:1.000000,
      8.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:14.006Z
      #EXT-X-PART:DURATION=0.250000,URI="9.0.m4s",INDEPENDENT=YES
      #EXT-X-PART:DURATION=0.250000,URI="9.1.m4s"
      #EXT-X-PART:DURATION=0.250000,URI="9.2.m4s"
      #EXT-X-PART:DURATION=0.250000,URI="9.3.m4s"
      #EXTINF:1.000000,
      9.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:15.006Z
      #EXT-X-PART:DURATION=0.250000,URI="10.0.m4s",INDEPENDENT=YES
      #EXT-X-PART:DURATION=0.250000,URI="10.1.m4s"
      #EXT-X-PART:DURATION=0.250000,URI="10.2.m4s"
      #EXT-X-PART:DURATION=0.250000,URI="10.3.m4s"
      #EXTINF:1.000000,
      10.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:16.006Z
      #EXT-X-PART:DURATION=0.250000,URI="11.0.m4s",INDEPENDENT=YES
      #EXT-X-PART:DURATION=0.250000,URI="11.1.m4s"
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="11.2.m4s"
      #EXT-X-RENDITION-REPORT:URI="../audio/index.m3u8",LAST-MSN=11,LAST-PART=1
      #EXT-X-RENDITION-REPORT:URI="../180p/index.m3u8",LAST-MSN=12
      "
    `)
  })

  test('of an ended stream has no parts, no hint, and ends', () => {
    expect(renderMediaPlaylist(view([segment(0, 4), segment(1, 1)], { isEnded: true }), true)).toMatchInlineSnapshot(`
      "#EXTM3U
      #EXT-X-VERSION:9
      #EXT-X-TARGETDURATION:1
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.750000,CAN-SKIP-UNTIL=6.000000
      #EXT-X-PART-INF:PART-TARGET=0.250000
      #EXT-X-MEDIA-SEQUENCE:0
      #EXT-X-MAP:URI="init.mp4"
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.006Z
      #EXTINF:1.000000,
      0.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:06.006Z
      #EXTINF:0.250000,
      1.m4s
      #EXT-X-ENDLIST
      "
    `)
  })

  test('as a delta update leaves out what lies more than six target durations back, and nothing else', () => {
    const segments = Array.from({ length: 12 }, (_, seq) => segment(seq, 4))
    expect(computeSkippedSegments(view(segments))).toBe(5)
    const full = renderMediaPlaylist(view(segments), false)
    const delta = renderMediaPlaylist(view(segments), true)
    expect(delta).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=5\n')
    expect(delta).not.toContain('\n4.m4s')
    expect(delta.slice(delta.indexOf('\n5.m4s'))).toBe(full.slice(full.indexOf('\n5.m4s')))
    expect(renderMediaPlaylist(view(segments.slice(-6)), true)).not.toContain('EXT-X-SKIP')
  })

  test('tells of what does not follow on, and of what has left the window', () => {
    const text = renderMediaPlaylist(view([segment(3, 4), { ...segment(4, 4), startUs: 7_000_333, isDiscontinuous: true }], { discontinuitySequence: 2 }), false)
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n')
    expect(text).toContain('3.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:12.006Z\n#EXT-X-PART')
  })

  test('tells dates where they are exact, and with every eighth segment', () => {
    const segments = Array.from({ length: 12 }, (_, i) => ({ ...segment(i + 2, 4), startUs: (i + 2) * 1e6 + (i === 3 ? 0 : 333) }))
    const lines = renderMediaPlaylist(view(segments), false).split('\n')
    const dated = lines.flatMap((line, i) => (line.startsWith('#EXT-X-PROGRAM-DATE-TIME') ? [lines.slice(i).find((next) => /^\d+\.m4s$/.test(next))] : []))
    expect(dated).toEqual(['5.m4s', '8.m4s'])
  })

  test('prints durations that add up to the microsecond, whatever they are', () => {
    const parts = Array.from({ length: 7 }, (_, i) => ({ durationUs: Math.floor(((i + 1) * 1e6) / 7) - Math.floor((i * 1e6) / 7), independent: i === 0, bytes: new Uint8Array(1) }))
    const text = renderMediaPlaylist(view([{ ...segment(3, 0), durationUs: 1e6, parts }]), false)
    const printed = [...text.matchAll(/PART:DURATION=([\d.]+)/g)].map(([, length]) => Math.round(Number(length) * 1e6))
    expect(printed.reduce((sum, us) => sum + us, 0)).toBe(1e6)
    expect(text).toContain('#EXTINF:1.000000,')
  })

  test('foresees that a segment is about to end', () => {
    expect(foreseeNextPart(view([segment(3, 3, 'open')]))).toEqual({ seq: 3, part: 3 })
    expect(foreseeNextPart(view([segment(3, 4, 'open')]))).toEqual({ seq: 4, part: 0 })
    expect(foreseeNextPart(view([segment(3, 4)]))).toEqual({ seq: 4, part: 0 })
    expect(foreseeNextPart(view([]))).toBeUndefined()
  })
})

describe('a master playlist', () => {
  const variants = [{ rendition: '360p', width: 640, height: 360, codecs: 'avc1.42c01e', peakBitrate: 960_000.5, averageBitrate: 800_000 }]

  test('names codecs, sizes, rates and the sound that goes with every picture', () => {
    expect(renderMasterPlaylist({ variants, frameRate: 30, audio: { codecs: 'mp4a.40.2', channels: 2 }, pathways: undefined })).toMatchInlineSnapshot(`
      "#EXTM3U
      #EXT-X-VERSION:9
      #EXT-X-INDEPENDENT-SEGMENTS
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/index.m3u8"
      #EXT-X-STREAM-INF:BANDWIDTH=960001,AVERAGE-BANDWIDTH=800000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO="audio"
      360p/index.m3u8
      "
    `)
  })

  test('has no audio group where there is no sound', () => {
    const text = renderMasterPlaylist({ variants, frameRate: 23.976, audio: undefined, pathways: undefined })
    expect(text).not.toMatch(/AUDIO|mp4a/)
    expect(text).toContain('CODECS="avc1.42c01e",RESOLUTION=640x360,FRAME-RATE=23.976\n')
  })

  test('has a pathway with equal renditions for every origin, its own first and by its own addresses', () => {
    const pathways = { own: '0xaa', others: [{ orchestrator: '0xbb', url: 'https://other.example/live/0x1/master.m3u8' }] } as const
    expect(renderMasterPlaylist({ variants, frameRate: 30, audio: { codecs: 'mp4a.40.2', channels: 2 }, pathways })).toMatchInlineSnapshot(`
      "#EXTM3U
      #EXT-X-VERSION:9
      #EXT-X-INDEPENDENT-SEGMENTS
      #EXT-X-CONTENT-STEERING:SERVER-URI="steering",PATHWAY-ID="0xaa"
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-0xaa",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",STABLE-RENDITION-ID="audio",URI="audio/index.m3u8"
      #EXT-X-STREAM-INF:BANDWIDTH=960001,AVERAGE-BANDWIDTH=800000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO="audio-0xaa",STABLE-VARIANT-ID="360p",PATHWAY-ID="0xaa"
      360p/index.m3u8
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-0xbb",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",STABLE-RENDITION-ID="audio",URI="https://other.example/live/0x1/audio/index.m3u8"
      #EXT-X-STREAM-INF:BANDWIDTH=960001,AVERAGE-BANDWIDTH=800000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO="audio-0xbb",STABLE-VARIANT-ID="360p",PATHWAY-ID="0xbb"
      https://other.example/live/0x1/360p/index.m3u8
      "
    `)
  })
})
