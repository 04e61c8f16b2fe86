import { describe, expect, it, vi } from 'vitest'
import { explainFailure } from './explainFailure.js'
import { createFfmpegLog } from './readFfmpegLog.js'

const withSound = `[info] Input #0, lavfi, from 'color=size=16x16':
[info]   Stream #0:0: Video: rawvideo (I420 / 0x30323449), yuv420p, 16x16 [SAR 1:1 DAR 1:1], 25 tbr, 25 tbn
[info] Input #1, mov,mp4,m4a,3gp,3g2,mj2, from 'b.mp4':
[info]   Stream #1:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), 7680x4320 [SAR 1:1 DAR 16:9], 1871 kb/s, 59.94 fps, 25 tbr, 12800 tbn (default)
[info]   Stream #1:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
[info] Stream mapping:
[info]   Stream #1:0 -> #0:0 (h264 (native) -> h264 (libx264))
[info]   Stream #1:1 -> #1:0 (aac (native) -> opus (libopus))
[info]   Stream #0:0 -> #1:1 (rawvideo (native) -> rawvideo (native))
`

describe('createFfmpegLog', () => {
  it('tells what becomes of an input, whatever the pieces in which it is said', () => {
    for (const size of [1, 7, 4096]) {
      const onMapping = vi.fn()
      const log = createFfmpegLog(true, onMapping)
      for (let at = 0; at < withSound.length; at += size) log.push(withSound.slice(at, at + size))
      expect(onMapping).toHaveBeenCalledOnce()
      expect(log.mapping).toEqual({ video: { width: 7680, height: 4320, frameRate: 59.94 }, hasAudio: true })
    }
  })

  it('tells that there is no sound, and when video is passed on', () => {
    const log = createFfmpegLog(true, () => undefined)
    log.push(withSound.split('\n').filter((line) => !/Audio|aac/.test(line)).join('\n').replace('(h264 (native) -> h264 (libx264))', '(copy)'))
    expect(log.mapping).toMatchObject({ hasAudio: false, video: { width: 7680 } })
  })

  it('keeps the last errors, and no addresses of memory', () => {
    const log = createFfmpegLog(false, () => undefined)
    for (let i = 0; i < 50; i++) log.push(`[mov,mp4 @ 0x55d297947900] [error] damage ${i}\n`)
    expect(log.errorCount).toBe(50)
    expect(log.errors).toHaveLength(12)
    expect(log.errors.at(-1)).toBe('[mov,mp4] damage 49')
  })
})

describe('explainFailure', () => {
  const explain = (errors: readonly string[], changes: Partial<Parameters<typeof explainFailure>[0]> & { hasSound?: boolean; hasCover?: boolean } = {}) =>
    explainFailure({ log: { errors, hasSound: changes.hasSound ?? false, hasCover: changes.hasCover ?? false }, exitCode: 1, isDevice: false, isRemote: false, ...changes })

  it.each([
    [['[hls] Format not on whitelist \'mov\'', 'file:film.mp4: Invalid argument'], /playlist/],
    [['[concat] Format not on whitelist \'mov\'', 'file:film.mp4: Invalid argument'], /playlist/],
    [['[mov,mp4] moov atom not found', 'file:film.mp4: Invalid data found when processing input'], /cut off/],
    [['file:film.mp4: Invalid data found when processing input'], /no video file, or it is damaged/],
    [["Stream map '1:V:0' matches no streams."], /no video that ffmpeg knows/],
  ])('says in words what %j means', (errors, words) => {
    expect(explain(errors)).toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(words) })
  })

  it('tells sound alone from a cover', () => {
    const noVideo = ["Stream map '1:V:0' matches no streams."]
    expect(explain(noVideo, { hasSound: true }).message).toContain('only sound')
    expect(explain(noVideo, { hasSound: true, hasCover: true }).message).toContain('cover')
  })

  it('does not give an address up for good because nobody answers there now', () => {
    const refused = explain(['tcp://127.0.0.1:9: Connection refused'], { isRemote: true })
    expect(refused.code).toBe('InputUnavailable')
    expect(refused.retry).toBe('later')
  })
})
