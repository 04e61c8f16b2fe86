// A media playlist of low-latency HLS (RFC 8216bis) as a client reads it: every tag that a rule is about.

/**
 * @typedef {object} Part
 * @property {string} uri
 * @property {number} durationUs - as printed, whole microseconds
 * @property {boolean} independent
 *
 * @typedef {object} Segment
 * @property {number} seq - media sequence number
 * @property {string | undefined} uri - `undefined`: the segment is still open
 * @property {number | undefined} durationUs - of EXTINF
 * @property {number | undefined} dateMs
 * @property {boolean} isGap
 * @property {boolean} isDiscontinuous
 * @property {Part[]} parts
 */

const toUs = (seconds) => Math.round(Number(seconds) * 1e6)

function emptySegment(seq) {
  return { seq, uri: undefined, durationUs: undefined, dateMs: undefined, isGap: false, isDiscontinuous: false, parts: [] }
}

/** Attributes of a tag: `NAME=value,NAME="value"`. */
function readAttributes(text) {
  return Object.fromEntries([...text.matchAll(/([A-Z-]+)=("[^"]*"|[^,]*)/g)].map(([, name, value]) => [name, value.replace(/^"|"$/g, '')]))
}

/** @param {string} text */
export function parseMediaPlaylist(text) {
  const playlist = {
    targetDurationUs: 0, partTargetUs: 0, partHoldBackUs: 0, canSkipUntilUs: 0, mediaSequence: 0, discontinuitySequence: 0, skipped: 0, isEnded: false,
    hint: undefined, reports: [], /** @type {Segment[]} */ segments: [], /** Lines of the segments, each with its newline. */ body: '',
  }
  let segment = emptySegment(0)
  let isBody = false
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    const [tag, value] = line.startsWith('#') && at > 0 ? [line.slice(0, at), line.slice(at + 1)] : [line, '']
    if (isBody && line !== '') playlist.body += `${line}\n`
    if (tag === '#EXT-X-TARGETDURATION') playlist.targetDurationUs = toUs(value)
    else if (tag === '#EXT-X-PART-INF') playlist.partTargetUs = toUs(readAttributes(value)['PART-TARGET'])
    else if (tag === '#EXT-X-SERVER-CONTROL') {
      playlist.partHoldBackUs = toUs(readAttributes(value)['PART-HOLD-BACK'])
      playlist.canSkipUntilUs = toUs(readAttributes(value)['CAN-SKIP-UNTIL'])
    } else if (tag === '#EXT-X-MEDIA-SEQUENCE') {
      playlist.mediaSequence = Number(value)
      segment.seq = playlist.mediaSequence
    } else if (tag === '#EXT-X-DISCONTINUITY-SEQUENCE') playlist.discontinuitySequence = Number(value)
    else if (tag === '#EXT-X-SKIP') {
      playlist.skipped = Number(readAttributes(value)['SKIPPED-SEGMENTS'])
      segment.seq += playlist.skipped
    } else if (tag === '#EXT-X-MAP') isBody = true
    else if (tag === '#EXT-X-DISCONTINUITY') segment.isDiscontinuous = true
    else if (tag === '#EXT-X-PROGRAM-DATE-TIME') segment.dateMs = Date.parse(value)
    else if (tag === '#EXT-X-GAP') segment.isGap = true
    else if (tag === '#EXT-X-PART') {
      const { URI: uri, DURATION: duration, INDEPENDENT: independent } = readAttributes(value)
      segment.parts.push({ uri, durationUs: toUs(duration), independent: independent === 'YES' })
    } else if (tag === '#EXTINF') segment.durationUs = toUs(value.replace(/,.*/, ''))
    else if (tag === '#EXT-X-PRELOAD-HINT') playlist.hint = readAttributes(value).URI
    else if (tag === '#EXT-X-RENDITION-REPORT') playlist.reports.push(readAttributes(value))
    else if (tag === '#EXT-X-ENDLIST') playlist.isEnded = true
    else if (line !== '' && !line.startsWith('#')) {
      playlist.segments.push({ ...segment, uri: line })
      segment = emptySegment(segment.seq + 1)
    }
  }
  if (segment.parts.length > 0) playlist.segments.push(segment)
  return playlist
}
