/**
 * Karma middleware: `POST /transcode?filter=F&rate=R&seconds=S` runs the body's pictures through ffmpeg's filter and answers a
 * rendition: an init and a fragment of MP4. What a busy browser did not capture before the end is filled, as a transcoder does.
 */

import { spawn } from 'node:child_process'

/** Creates the middleware. */
export function createTestTranscoder() {
  return (request, response, next) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost')
    if (pathname !== '/transcode' || request.method !== 'POST') return next()
    const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-b:v', '600k', '-g', '9999', '-pix_fmt', 'yuv420p']
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', 'matroska', '-i', 'pipe:0', '-an', '-vf', `setpts=PTS-STARTPTS,fps=${searchParams.get('rate')},tpad=stop_mode=clone:stop_duration=1,${searchParams.get('filter')}`, '-t', searchParams.get('seconds'), ...coding, '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof', 'pipe:1'], { stdio: ['pipe', 'pipe', 'inherit'] })
    // It may have read enough.
    ffmpeg.stdin.on('error', () => undefined)
    request.pipe(ffmpeg.stdin)
    ffmpeg.stdout.pipe(response)
  }
}
