// Sends one kind of the zoo through a real network, looks at it as a viewer does, and judges what became of it.
import { computeOffsetMs, findBeeps, findFlashes, watchStream } from './watchStream.mjs'
import { feedKind } from './zoo.mjs'

/** What may be missing at either end, seconds: one segment. */
const segmentSeconds = 1.05
/** Sound and pictures may differ by so much, milliseconds. */
const maxOffsetMs = 50
const giveUpMs = 120_000

/**
 * @typedef {object} Played
 * @property {'played' | 'warned' | 'refused'} outcome
 * @property {string} [code] - of the refusal
 * @property {string} [message] - of the refusal, or of the first warning
 * @property {string[]} problems - what is wrong; none: it is as expected
 * @property {number} lostSegments
 * @property {number} offsetMs
 * @property {number} startMs - from the call to the address for viewers
 */

/**
 * @param {import('./zoo.mjs').Kind} kind
 * @param {string} path - of its file
 * @param {(input: unknown, options: Record<string, unknown>) => Promise<any>} start - `broadcast`, all but the input's own options given
 * @returns {Promise<Played>}
 */
export async function playKind(kind, path, start) {
  const { input, release } = await feedKind(kind, path)
  const startedAt = performance.now()
  try {
    const live = await start(input, kind.options ?? {})
    const startMs = Math.round(performance.now() - startedAt)
    return { startMs, ...(await watch(kind, live)) }
  } catch (error) {
    const problems = []
    if (error.name !== 'StreamflowError') problems.push(`not a coded error: ${error.stack}`)
    else if (kind.expect.outcome !== 'refused' && kind.expect.outcome !== 'either') problems.push(`refused: ${error.code} ${error.message}`)
    else if (kind.expect.code !== undefined && error.code !== kind.expect.code) problems.push(`refused with ${error.code}, not ${kind.expect.code}`)
    return { outcome: 'refused', code: error.code, message: error.message, problems, lostSegments: 0, offsetMs: 0, startMs: Math.round(performance.now() - startedAt) }
  } finally {
    release()
  }
}

async function watch(kind, live) {
  const problems = []
  const warnings = []
  live.on('warning', (warning) => (warning.code === 'InputAltered' ? warnings : problems).push(`${warning.code}: ${warning.message}`))
  live.on('lost', ({ seq, error }) => problems.push(`segment ${seq} is lost: ${error.code} ${error.message}`))
  live.on('error', (error) => problems.push(`failed: ${error.code} ${error.message}`))
  const giveUp = AbortSignal.timeout(giveUpMs)
  const seeing = watchStream(live.playbackUrl, giveUp)
  await Promise.race([live.finished, new Promise((resolve) => giveUp.addEventListener('abort', resolve, { once: true }))])
  if (live.state !== 'ended') problems.push(`the broadcast is ${live.state}`)
  const seen = await seeing
  problems.push(...seen.faults)
  const offsetMs = seen.video === undefined ? 0 : await judge(kind.expect, seen, problems)
  if (kind.expect.outcome === 'refused') problems.push('it was broadcast')
  if (kind.expect.outcome === 'warned' && warnings.length === 0) problems.push('nobody was warned')
  if (kind.expect.outcome === 'played' && warnings.length > 0) problems.push(`a warning: ${warnings[0]}`)
  return { outcome: warnings.length > 0 ? 'warned' : 'played', message: warnings[0], problems, lostSegments: live.stats.segmentsLost, offsetMs }
}

/** Holds what was seen against what was to be seen. @returns {Promise<number>} milliseconds between sound and pictures */
async function judge(expect, { video, audio }, problems) {
  const { frames, flashes } = await findFlashes(video.media)
  const beeps = audio && audio.media.length > 0 ? await findBeeps(audio.media) : []
  const offsetMs = computeOffsetMs(flashes, beeps)
  if (frames === 0) problems.push('no picture can be decoded')
  if (expect.seconds !== undefined) {
    if (video.seconds < expect.seconds - segmentSeconds || video.seconds > expect.seconds + segmentSeconds) problems.push(`${video.seconds.toFixed(2)} s of pictures, not ${expect.seconds}`)
    if (video.gapSeconds > (expect.gapSeconds ?? 0)) problems.push(`${video.gapSeconds.toFixed(2)} s are gaps`)
    if (expect.flashes !== undefined && Math.abs(flashes.length - expect.flashes) > 1) problems.push(`${flashes.length} flashes, not ${expect.flashes} (${flashes.map((time) => time.toFixed(2)).join(' ')})`)
    if (expect.beeps !== undefined && Math.abs(beeps.length - expect.beeps) > 1) problems.push(`${beeps.length} beeps, not ${expect.beeps} (${beeps.map((beep) => beep.toFixed(2)).join(' ')})`)
    if ((expect.beeps !== undefined) !== (audio !== undefined)) problems.push(audio === undefined ? 'there is no sound' : 'there is sound of nothing')
  }
  if (audio !== undefined && Math.abs(audio.seconds - video.seconds) > segmentSeconds) problems.push(`${audio.seconds.toFixed(2)} s of sound beside ${video.seconds.toFixed(2)} s of pictures`)
  if (flashes.length > 0 && offsetMs > maxOffsetMs) problems.push(`sound and pictures differ by ${offsetMs} ms`)
  return offsetMs
}
