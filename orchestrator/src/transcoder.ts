/** Entry of the transcoder process: messages on standard input and output, complaints on standard error. */

import { parseArgs } from 'node:util'
import { isStreamflowError } from '@streamflow/sdk/errors'
import { runWorker } from './transcoding/worker.js'

const { values } = parseArgs({
  options: {
    ffmpeg: { type: 'string', default: 'ffmpeg' },
    encoder: { type: 'string' },
    'pixels-per-second': { type: 'string' },
  },
})

// The orchestrator decides when a transcoder ends, by closing its input: Ctrl-C in a terminal reaches the whole group.
process.on('SIGINT', () => undefined)

try {
  await runWorker({
    input: process.stdin,
    output: process.stdout,
    ffmpegPath: values.ffmpeg,
    ...(values.encoder === undefined ? {} : { encoder: values.encoder }),
    ...(values['pixels-per-second'] === undefined ? {} : { pixelsPerSecond: Number(values['pixels-per-second']) }),
  })
  process.exit(0)
} catch (error) {
  const code = isStreamflowError(error) ? error.code : 'Internal'
  process.stderr.write(`${JSON.stringify({ level: 'error', code, message: error instanceof Error ? error.message : String(error) })}\n`)
  process.exit(1)
}
