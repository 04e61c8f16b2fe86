// Media as people have them: each kind with the command line that makes it and what must become of it. Pictures carry a
// white flash, sound a beep, at each full second, so that a viewer's frames and samples tell what is missing and by how much
// sound and pictures differ. Small and short: the whole zoo is played in real time.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createReadStream, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { runFfmpeg } from '../harness/makeFootage.mjs'

/**
 * What must become of a kind. `played`: whole. `warned`: played, and a warning says what is missing. `refused`: with this code.
 * @typedef {object} Expectation
 * @property {'played' | 'warned' | 'refused'} outcome
 * @property {string} [code] - of the refusal
 * @property {number} [seconds] - that a viewer sees
 * @property {number} [flashes] - full seconds at which pictures flash; none: they are not looked for
 * @property {number} [beeps] - the same of the sound; 0: silence; none: the stream has no sound
 * @property {number} [gapSeconds] - that may be missing in the middle, told as a gap
 *
 * @typedef {object} Kind
 * @property {string} name
 * @property {string} extension
 * @property {(path: string) => void} make
 * @property {'file' | 'pipe' | 'livePipe' | 'liveTcp' | 'absent'} feed
 * @property {Expectation} expect
 * @property {Record<string, unknown>} [options] - of `broadcast`
 */

const seconds = 5
const flash = "drawbox=c=white:t=fill:enable='lt(mod(t+0.001,1),0.125)'"
const beep = "0.7*sin(2*PI*1000*t)*lt(mod(t,1),0.125)"

/** Generated pictures. */
const pictures = ({ size = '320x180', rate = 25, length = seconds, filter = '' } = {}) => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${length},${flash}${filter && `,${filter}`}`]
/** Generated sound. */
const sound = ({ length = seconds, rate = 48_000, layout = 'stereo', count = 2 } = {}) => ['-f', 'lavfi', '-i', `aevalsrc=exprs='${Array(count).fill(beep).join('|')}':s=${rate}:d=${length}:c=${layout}`]
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
const plain = [...x264, '-bf', '0', '-g', '25']
const aac = ['-c:a', 'aac']

/** Makes a file by one command line. */
const by = (...args) => (path) => void runFfmpeg([...args.flat(3), path])
const played = (more = {}) => ({ outcome: 'played', seconds, flashes: seconds, beeps: seconds, ...more })
const silent = (more = {}) => ({ outcome: 'played', seconds, flashes: seconds, ...more })
const warned = (more = {}) => ({ ...played(more), outcome: 'warned' })
const refused = (code = 'InvalidArgument') => ({ outcome: 'refused', code })

/** @returns {Kind} */
const file = (name, extension, make, expect, more = {}) => ({ name, extension, make, feed: 'file', expect, ...more })
/** Pictures and sound in some codecs. */
const coded = (name, extension, codecs, { expect = played(), from = {}, to = {} } = {}) => file(name, extension, by(pictures(from), sound(to), codecs), expect)
/** Pictures alone at some rate. */
const rated = (rate, expect = silent(), length = seconds) => file(`rate-${String(rate).replace('/', '-')}`, 'mkv', by(pictures({ rate, length }), x264, '-bf', '0'), expect)

/** Makes one file after the other into the same name. @param {string} path @param {string[][]} pieces */
function concatenate(path, pieces) {
  const parts = pieces.map((args, i) => {
    const part = join(dirname(path), `${basename(path)}.${i}.ts`)
    runFfmpeg([...args, '-f', 'mpegts', part])
    return readFileSync(part)
  })
  writeFileSync(path, Buffer.concat(parts))
}

/** Leaves out one whole fragment (`moof` and `mdat`) in the middle of a fragmented MP4. @param {Buffer} bytes */
function dropFragment(bytes) {
  const starts = []
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32BE(at)) if (bytes.toString('latin1', at + 4, at + 8) === 'moof') starts.push(at)
  const [from, to] = [starts[starts.length >> 1], starts[(starts.length >> 1) + 1]]
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
}

/** Makes a file, then changes its bytes. */
const damaged = (make, damage) => (path) => {
  make(path)
  writeFileSync(path, damage(readFileSync(path)))
}

const codecs = [
  coded('h264-b-frames', 'mp4', [x264, '-bf', '3', '-preset', 'veryfast', aac]),
  coded('h264-copied', 'mp4', [plain, aac]),
  coded('h264-10-bit', 'mkv', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le', aac]),
  coded('h264-422', 'mov', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv422p', aac]),
  coded('h264-444', 'mkv', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv444p', aac]),
  coded('h264-open-gop', 'mp4', [x264, '-preset', 'veryfast', '-bf', '3', '-g', '12', '-x264-params', 'open-gop=1', aac]),
  coded('h264-recovery-points', 'ts', [x264, '-bf', '0', '-g', '25', '-x264-params', 'intra-refresh=1', aac]),
  coded('h264-uneven-keyframes', 'mp4', [x264, '-bf', '0', '-g', '999', '-sc_threshold', '0', '-force_key_frames', '0,0.9,2.8,3.7', aac]),
  coded('h264-long-gop', 'mp4', [x264, '-bf', '0', '-g', '9999', aac]),
  coded('hevc', 'mp4', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p', '-tag:v', 'hvc1', aac]),
  coded('hevc-10-bit', 'mkv', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p10le', aac]),
  coded('vp8', 'webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-c:a', 'libvorbis']),
  coded('vp9', 'webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-c:a', 'libopus']),
  coded('av1', 'mp4', ['-c:v', 'libsvtav1', '-preset', '12', '-svtav1-params', 'keyint=2s', aac]),
  coded('mpeg2', 'ts', ['-c:v', 'mpeg2video', '-b:v', '2M', '-c:a', 'mp2']),
  coded('mpeg2-program-stream', 'mpg', ['-c:v', 'mpeg2video', '-b:v', '2M', '-bf', '2', '-c:a', 'mp2']),
  coded('mpeg4', 'avi', ['-c:v', 'mpeg4', '-b:v', '1M', '-c:a', 'libmp3lame']),
  coded('mjpeg', 'avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-c:a', 'pcm_s16le']),
  coded('prores', 'mov', ['-c:v', 'prores_ks', '-c:a', 'pcm_s24le']),
  coded('ffv1', 'mkv', ['-c:v', 'ffv1', '-c:a', 'flac']),
  coded('theora', 'ogg', ['-c:v', 'libtheora', '-b:v', '1M', '-c:a', 'libvorbis']),
  coded('vp9-alpha', 'webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-pix_fmt', 'yuva420p', '-c:a', 'libopus']),
  coded('h264-gray', 'mp4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'gray', aac]),
  coded('hevc-422-10-bit', 'mov', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv422p10le', aac]),
  coded('dnxhr', 'mxf', ['-c:v', 'dnxhd', '-profile:v', 'dnxhr_lb', '-pix_fmt', 'yuv422p', '-c:a', 'pcm_s16le']),
  coded('wmv', 'wmv', ['-c:v', 'wmv2', '-b:v', '1M', '-c:a', 'wmav2']),
  file('gif', 'gif', by(pictures({ rate: 10 })), silent()),
]

const containers = [
  coded('flv', 'flv', [x264, '-bf', '0', aac]),
  coded('fragmented-mp4', 'mp4', [plain, aac, '-movflags', 'frag_keyframe+empty_moov+default_base_moof']),
  coded('matroska', 'mkv', [x264, aac]),
  coded('mpegts', 'ts', [plain, aac]),
  coded('matroska-without-cues', 'mkv', [x264, aac, '-f', 'matroska', '-live', '1']),
  coded('mpegts-of-192', 'm2ts', [plain, '-c:a', 'ac3', '-mpegts_m2ts_mode', '1']),
  coded('nut', 'nut', [x264, '-c:a', 'pcm_s16le']),
  file('fragments-missing', 'mp4', damaged(by(pictures({ length: 6 }), sound({ length: 6 }), plain, aac, '-movflags', 'frag_keyframe+empty_moov+default_base_moof'), dropFragment), played({ seconds: 6, flashes: 5, beeps: 5 })),
  file('fragments-cut-short', 'mp4', damaged(by(pictures(), sound(), plain, aac, '-movflags', 'frag_keyframe+empty_moov+default_base_moof'), (bytes) => bytes.subarray(0, bytes.length * 0.7)), { ...played({ seconds: 3.5, flashes: 4, beeps: 4 }), outcome: 'either' }),
  file('subtitles-and-data', 'mkv', (path) => {
    const text = join(dirname(path), 'text.srt')
    writeFileSync(text, '1\n00:00:00,500 --> 00:00:04,000\nhello\n')
    by(pictures(), sound(), '-i', text, '-map', '0', '-map', '1', '-map', '2', x264, aac, '-c:s', 'srt')(path)
  }, played()),
  file('cover-before-pictures', 'mp4', (path) => {
    const cover = join(dirname(path), 'cover.png')
    runFfmpeg([...pictures({ size: '64x64' }), '-frames:v', '1', cover])
    runFfmpeg(['-i', cover, ...pictures(), ...sound(), '-map', '0', '-map', '1', '-map', '2', ...x264, ...aac, '-c:v:0', 'png', '-disposition:v:0', 'attached_pic', path])
  }, played()),
  file('two-picture-tracks', 'mkv', by(pictures(), pictures({ rate: 10 }), sound(), '-map', '0', '-map', '1', '-map', '2', x264, aac), played()),
]

const shapes = [
  ...[90, 180, 270].map((angle) => file(`rotated-${angle}`, 'mp4', (path) => {
    const upright = join(dirname(path), `upright-${angle}.mp4`)
    by(pictures(), sound(), plain, aac)(upright)
    runFfmpeg(['-i', upright, '-c', 'copy', '-metadata:s:v', `rotate=${angle}`, path])
  }, played())),
  coded('wide-pixels', 'mp4', [x264, aac], { from: { filter: 'setsar=4/3' } }),
  coded('interlaced', 'ts', [x264, '-flags', '+ildct+ilme', '-x264-params', 'tff=1', aac]),
  coded('odd-sides', 'mkv', ['-c:v', 'ffv1', aac], { from: { size: '321x181' } }),
  coded('smallest', 'mkv', [x264, aac], { from: { size: '16x16' } }),
  coded('portrait', 'mp4', [plain, aac], { from: { size: '180x320' } }),
  coded('too-wide', 'mkv', [x264, aac], { from: { size: '4480x256', rate: 5 }, expect: warned() }),
  coded('vp9-odd-sides', 'webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-c:a', 'libopus'], { from: { size: '321x181' } }),
  coded('interlaced-mpeg2', 'mpg', ['-c:v', 'mpeg2video', '-b:v', '3M', '-flags', '+ildct+ilme', '-top', '1', '-c:a', 'mp2'], { from: { size: '352x288' } }),
  file('phone', 'mov', (path) => {
    const upright = join(dirname(path), 'phone-upright.mov')
    by(pictures({ rate: 30, filter: "select='not(eq(mod(n,11),4))',settb=1/600,setpts='PTS+floor(random(0)*4)'" }), sound(), '-fps_mode', 'passthrough', '-enc_time_base', '1:600', '-video_track_timescale', '600', '-bf', '2', x264, aac)(upright)
    runFfmpeg(['-i', upright, '-c', 'copy', '-metadata:s:v', 'rotate=90', path])
  }, played()),
  file('size-changes', 'ts', (path) => concatenate(path, [
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac],
    [...pictures({ length: 3, size: '640x360' }), ...sound({ length: 3 }), ...plain, ...aac, '-output_ts_offset', '3'],
  ]), played({ seconds: 6, flashes: 6, beeps: 6 })),
]

const rates = [
  // Every picture of these is a white one.
  rated('3/10', silent({ seconds: 9.5, flashes: undefined }), 8),
  rated(1, silent({ flashes: undefined })), rated(5), rated(12), rated('24000/1001'), rated('30000/1001'), rated(50), rated('60000/1001'), rated(60), rated(120),
  rated(240, { ...silent(), outcome: 'warned' }, 5),
  file('variable-rate', 'mkv', by(pictures({ rate: 30, filter: "select='not(mod(n,7))+not(mod(n,5))+lt(mod(n,30),4)'" }), sound(), '-fps_mode', 'vfr', x264, aac), played()),
  file('jitter', 'mp4', by('-f', 'lavfi', '-i', `testsrc2=s=320x180:r=60:d=8,${flash},select='if(lt(t,5),not(mod(n,30)),1)',settb=1/90000,setpts='PTS+floor(random(0)*700)'`, '-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000', x264, '-bf', '0', '-g', '60'), silent({ seconds: 8, flashes: 8 })),
  file('still-picture', 'mp4', by(pictures({ rate: 1, length: 1 }), sound(), x264, aac), played({ flashes: undefined })),
]

const clocks = [
  file('hole-of-pictures', 'mkv', by(pictures({ length: 8, filter: "select='not(between(t,2.2,4.8))'" }), sound({ length: 8 }), '-fps_mode', 'vfr', x264, aac), played({ seconds: 8, flashes: 6, beeps: 8 })),
  file('hole-of-10-s', 'mkv', by(pictures({ length: 14, filter: "select='not(between(t,2.2,12.2))'" }), '-fps_mode', 'vfr', x264), silent({ seconds: 14, flashes: 4 })),
  file('clock-wraps', 'ts', by(pictures({ length: 6 }), sound({ length: 6 }), plain, aac, '-output_ts_offset', '95440.7'), played({ seconds: 6, flashes: 6, beeps: 6 })),
  file('clock-starts-over', 'ts', (path) => concatenate(path, [
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac, '-output_ts_offset', '40'],
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac],
  ]), played({ seconds: 6, flashes: 6, beeps: 6 })),
  file('clock-leaps', 'ts', (path) => concatenate(path, [
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac],
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac, '-output_ts_offset', '1000'],
  ]), played({ seconds: 6, flashes: 6, beeps: 6 })),
  file('edit-list', 'mp4', (path) => {
    const whole = join(dirname(path), 'edit-whole.mp4')
    by(pictures({ length: 7 }), sound({ length: 7 }), x264, '-bf', '2', '-g', '50', aac)(whole)
    runFfmpeg(['-ss', '1', '-i', whole, '-c', 'copy', '-t', '5', path])
  }, played()),
  coded('late-start', 'ts', [plain, aac, '-output_ts_offset', '3600']),
  coded('starts-at-5-s', 'mkv', [x264, aac, '-output_ts_offset', '5']),
  file('hole-of-both', 'ts', (path) => concatenate(path, [
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac],
    [...pictures({ length: 3 }), ...sound({ length: 3 }), ...plain, ...aac, '-output_ts_offset', '6'],
  ]), played({ seconds: 9, flashes: 6, beeps: 6 })),
]

const sounds = [
  file('no-sound', 'mp4', by(pictures(), plain), silent()),
  coded('sound-mono', 'mp4', [plain, aac], { to: { count: 1, layout: 'mono' } }),
  coded('sound-5.1', 'mkv', [plain, '-c:a', 'ac3'], { to: { count: 6, layout: '5.1' } }),
  coded('sound-7.1', 'mkv', [plain, '-c:a', 'flac'], { to: { count: 8, layout: '7.1' } }),
  coded('sound-8-khz', 'mkv', [plain, '-c:a', 'pcm_mulaw'], { to: { rate: 8_000, count: 1, layout: 'mono' } }),
  coded('sound-96-khz', 'mov', [plain, '-c:a', 'pcm_s24le'], { to: { rate: 96_000 } }),
  coded('sound-ac3', 'ts', [plain, '-c:a', 'eac3']),
  coded('sound-opus', 'mkv', [plain, '-c:a', 'libopus']),
  file('sound-of-48-channels', 'mkv', by(pictures(), '-f', 'lavfi', '-i', `aevalsrc=exprs='${Array(16).fill(beep).join('|')}':s=48000:d=${seconds}`, '-filter_complex', '[1:a]asplit=3[a][b][c];[a][b][c]amerge=inputs=3[d]', '-map', '0:v', '-map', '[d]', plain, '-c:a', 'pcm_s16le'), played()),
  coded('sound-3-channels', 'mkv', [plain, '-c:a', 'pcm_s16le'], { to: { count: 3, layout: '3.0' } }),
  file('sound-of-unknown-codec', 'mov', damaged(by(pictures(), sound(), plain, aac), (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('mp4a', 'zzzz').replaceAll('esds', 'zzzz'), 'latin1')), { ...silent(), outcome: 'warned' }),
  file('two-sound-tracks', 'mkv', by(pictures(), sound(), '-f', 'lavfi', '-i', `anullsrc=d=${seconds}`, '-map', '0', '-map', '1', '-map', '2', plain, aac), played()),
  file('sound-before-pictures', 'mkv', by(pictures(), '-itsoffset', '-0.25', '-f', 'lavfi', '-i', `aevalsrc='0.7*sin(2*PI*1000*t)*lt(mod(t+0.75,1),0.125)':s=48000:d=5.25`, plain, '-c:a', 'libopus'), played()),
  file('sound-ends', 'mp4', by(pictures({ length: 8 }), sound({ length: 3 }), plain, aac), played({ seconds: 8, flashes: 8, beeps: 3 })),
  file('sound-late', 'mp4', by(pictures({ length: 6 }), '-itsoffset', '3', sound({ length: 3 }), plain, aac), played({ seconds: 6, flashes: 6, beeps: 3 })),
  file('sound-late-ts', 'ts', by(pictures({ length: 6 }), '-itsoffset', '3', sound({ length: 3 }), plain, aac), played({ seconds: 6, flashes: 6, beeps: 3 })),
  file('sound-pauses', 'mkv', by(pictures({ length: 8 }), '-f', 'lavfi', '-i', `aevalsrc='${beep}':s=48000:d=8,aselect='not(between(t,2.5,5.5))'`, plain, aac), played({ seconds: 8, flashes: 8, beeps: 5 })),
  file('sound-of-one-packet', 'mp4', by(pictures(), '-f', 'lavfi', '-i', 'anullsrc=d=0.001', plain, aac), played({ beeps: 0 })),
  file('sound-early', 'mkv', by('-itsoffset', '2', pictures({ length: 3 }), sound({ length: 5 }), plain, aac), played({ flashes: 3 })),
  file('sound-outlasts', 'mp4', by(pictures({ length: 3 }), sound({ length: 6 }), plain, aac), played({ seconds: 6, flashes: 3, beeps: 6 })),
]

const refusals = [
  file('sound-alone', 'mp3', by(sound(), '-c:a', 'libmp3lame'), refused()),
  file('cover', 'm4a', (path) => {
    const cover = join(dirname(path), 'cover.png')
    runFfmpeg([...pictures(), '-frames:v', '1', cover])
    runFfmpeg([...sound(), '-i', cover, '-map', '0', '-map', '1', '-c:a', 'aac', '-c:v', 'copy', '-disposition:v', 'attached_pic', path])
  }, refused()),
  file('empty', 'mp4', (path) => writeFileSync(path, ''), refused()),
  file('text', 'mp4', (path) => writeFileSync(path, 'this is no video\n'.repeat(100)), refused()),
  file('noise', 'mp4', (path) => writeFileSync(path, Uint8Array.from({ length: 200_000 }, (_, i) => (i * 2_654_435_761) >>> 13)), refused()),
  file('picture', 'png', by(pictures(), '-frames:v', '1'), refused()),
  file('without-index', 'mp4', damaged(by(pictures(), sound(), x264, aac), (bytes) => bytes.subarray(0, bytes.length >> 1)), refused()),
  file('playlist', 'mp4', (path) => {
    const secret = join(dirname(path), 'secret.ts')
    by(pictures(), plain)(secret)
    writeFileSync(path, `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${secret}\n#EXT-X-ENDLIST\n`)
  }, refused()),
  file('concat-script', 'mp4', (path) => {
    const secret = join(dirname(path), 'secret.mp4')
    by(pictures(), plain)(secret)
    writeFileSync(path, `ffconcat version 1.0\nfile secret.mp4\n`)
  }, refused()),
  file('metadata', 'mp4', (path) => writeFileSync(path, ';FFMETADATA1\ntitle=nothing to see\n'), refused()),
  file('session-description', 'mp4', (path) => writeFileSync(path, 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n'), refused()),
  file('playlist-of-addresses', 'mp4', (path) => writeFileSync(path, '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n'), refused()),
  { ...file('nobody-there', 'txt', (path) => writeFileSync(path, 'tcp://127.0.0.1:9'), refused('InputUnavailable')), feed: 'absent' },
]

const damages = [
  file('cut-short', 'mp4', damaged(by(pictures(), sound(), x264, aac, '-movflags', '+faststart'), (bytes) => bytes.subarray(0, bytes.length * 0.6)), warned({ seconds: 3.2, flashes: 3, beeps: 3 })),
  file('cut-short-ts', 'ts', damaged(by(pictures(), sound(), plain, aac), (bytes) => bytes.subarray(0, bytes.length * 0.8)), { ...played({ seconds: 4.1, flashes: 4, beeps: 4 }), outcome: 'either' }),
  file('corrupt-ts', 'ts', damaged(by(pictures(), sound(), plain, aac), (bytes) => bytes.map((byte, i) => (i % 50_021 < 40 ? 0x55 : byte))), { ...warned({ flashes: 4, beeps: 4 }), outcome: 'either' }),
]

const lives = [
  { ...file('pipe-ts', 'ts', by(pictures(), sound(), plain, aac), played()), feed: 'pipe' },
  { ...file('pipe-mkv', 'mkv', by(pictures(), sound(), x264, aac), played()), feed: 'pipe' },
  { ...file('live-ts-pipe', 'ts', by(pictures({ length: 6 }), sound({ length: 6 }), plain, aac), played({ seconds: 5.4, flashes: 5, beeps: 5 })), feed: 'livePipe' },
  { ...file('live-ts-pipe-unpaced', 'ts', by(pictures({ length: 6 }), sound({ length: 6 }), plain, aac), played({ seconds: 5.4, flashes: 5, beeps: 5 })), feed: 'livePipe', options: { pace: 'source' } },
  { ...file('live-ts-tcp', 'ts', by(pictures({ length: 6 }), sound({ length: 6 }), plain, aac), played({ seconds: 5.4, flashes: 5, beeps: 5 })), feed: 'liveTcp' },
  { ...file('live-flv-pipe', 'flv', by(pictures({ length: 6 }), sound({ length: 6 }), plain, aac), played({ seconds: 5.4, flashes: 5, beeps: 5 })), feed: 'livePipe' },
]

/** @type {readonly Kind[]} */
export const zoo = [...codecs, ...containers, ...shapes, ...rates, ...clocks, ...sounds, ...refusals, ...damages, ...lives]

/** Gives a file's media as they would be made. @param {string} path */
function startSender(path) {
  const format = path.endsWith('.flv') ? 'flv' : 'mpegts'
  return spawn('ffmpeg', ['-v', 'quiet', '-nostdin', '-re', '-i', path, '-c', 'copy', '-f', format, 'pipe:1'], { stdio: ['ignore', 'pipe', 'ignore'] })
}

/**
 * What to hand to `broadcast`: a path, a stream of the file's bytes, or one that gives them as they would be made, through a
 * pipe or by TCP.
 * @param {Kind} kind @param {string} path
 * @returns {Promise<{ input: string | import('node:stream').Readable, release: () => void }>}
 */
export async function feedKind({ feed }, path) {
  if (feed === 'absent') return { input: readFileSync(path, 'utf8'), release: () => undefined }
  if (feed === 'pipe') return { input: createReadStream(path), release: () => undefined }
  if (feed === 'livePipe') {
    const sender = startSender(path)
    return { input: sender.stdout, release: () => void sender.kill('SIGKILL') }
  }
  if (feed !== 'liveTcp') return { input: path, release: () => undefined }
  const server = createServer((socket) => {
    const sender = startSender(path)
    sender.stdout.pipe(socket)
    socket.on('error', () => undefined).once('close', () => sender.kill('SIGKILL'))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return { input: `tcp://127.0.0.1:${server.address().port}`, release: () => void server.close() }
}

/** Copies a file of somebody else's as a kind of its own. @param {string} path @returns {Kind} */
export function foreignKind(path) {
  return { name: basename(path), extension: path.split('.').at(-1) ?? '', make: (target) => copyFileSync(path, target), feed: 'file', expect: { outcome: 'either' } }
}
