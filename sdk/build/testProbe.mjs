/** Karma middleware: `POST /probe` runs the body through ffprobe, decoding every frame, and answers what it found. */

import { spawn } from 'node:child_process'

/** Creates the middleware. The answer: `{ complaints, frames: [{ media_type, key_frame, pts_time, width, height }] }`. */
export function createTestProbe() {
  return (request, response, next) => {
    if (request.url !== '/probe' || request.method !== 'POST') return next()
    const entries = 'frame=media_type,key_frame,pts_time,width,height'
    const ffprobe = spawn('ffprobe', ['-v', 'warning', '-f', 'matroska', '-show_frames', '-show_entries', entries, '-of', 'json', 'pipe:0'])
    let output = ''
    let complaints = ''
    ffprobe.stdout.on('data', (text) => (output += text))
    ffprobe.stderr.on('data', (text) => (complaints += text))
    // It may have read enough.
    ffprobe.stdin.on('error', () => undefined)
    request.pipe(ffprobe.stdin)
    ffprobe.once('close', () => response.end(JSON.stringify({ complaints, frames: JSON.parse(output || '{}').frames ?? [] })))
  }
}
