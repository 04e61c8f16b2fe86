// A member of a bench's pool as a process of its own: `node passThroughMember.mjs URL POOL PIXELS_PER_SECOND`.
import { joinPool } from '../../orchestrator/src/adapters/transcoder/pool/joinPool.js'
import { openHolder } from '../../orchestrator/src/adapters/transcoder/pool/subjects.js'
import { createPassThrough } from './passThrough.js'

const [url = '', pool = '', pixelsPerSecond = ''] = process.argv.slice(2)
joinPool({ servers: [url], pool, holder: openHolder, transcoders: createPassThrough(Number(pixelsPerSecond)), encoders: () => ['none'], log: () => undefined })
