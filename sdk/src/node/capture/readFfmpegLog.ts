/** Reads what ffmpeg says on its standard error (`-loglevel level+info`): what the input holds, what became of it, what went wrong. Pure. */

/** What ffmpeg says of the picture track that it chose. */
export interface DescribedVideo {
  readonly width: number
  readonly height: number
  /** Frames per second as ffmpeg guesses; 0 when it does not say. */
  readonly frameRate: number
}

/** What is known so far. */
export interface FfmpegLog {
  /** Takes the next text, of any length. */
  push(text: string): void
  /** What becomes of the input, once ffmpeg has said so. */
  readonly mapping: { readonly video: DescribedVideo | undefined; readonly hasAudio: boolean } | undefined
  /** Lines at the level of errors, newest last; bounded. */
  readonly errors: readonly string[]
  /** Errors in all. */
  readonly errorCount: number
  /** Whether the input holds sound, or a picture that is only a cover. */
  readonly hasSound: boolean
  readonly hasCover: boolean
}

const maxErrors = 12
const maxLineLength = 1000

/**
 * Creates a reader.
 * @param onMapping - called once, when it is known what becomes of the input
 * @param soundOutput - whether there is an output for sound
 */
export function createFfmpegLog(soundOutput: boolean, onMapping: () => void): FfmpegLog {
  let rest = ''
  let mapping: FfmpegLog['mapping']
  let isMapping = false
  let chosenVideo: string | undefined
  let hasAudio = false
  let hasSound = false
  let hasCover = false
  let errorCount = 0
  const videos = new Map<string, DescribedVideo>()
  const errors: string[] = []

  const settle = (): void => {
    if (mapping !== undefined || chosenVideo === undefined) return
    mapping = { video: videos.get(chosenVideo), hasAudio }
    onMapping()
  }
  const readStream = (line: string): void => {
    const described = /Stream #(\d+:\d+)\S*: (Video|Audio): (.*)$/.exec(line)
    if (described === null) return
    const [, stream = '', kind, text = ''] = described
    if (kind === 'Audio') hasSound = true
    else if (text.includes('attached pic')) hasCover = true
    else videos.set(stream, parseVideo(text))
  }
  const readMapping = (line: string): void => {
    const mapped = /Stream #(\d+:\d+) -> #(\d+):\d+ \((.*)\)/.exec(line)
    if (mapped === null) return
    const [, stream = '', output, how = ''] = mapped
    if (output === '0') chosenVideo = stream
    else hasAudio ||= how.includes('opus')
    // The small picture comes last (see ffmpegArguments.ts).
    if (output === '0' ? !soundOutput : how.includes('rawvideo ')) settle()
  }
  const readLine = (line: string): void => {
    if (/^(\[[^\]]* @ [^\]]*\] )?\[(error|fatal|panic)\]/.test(line)) {
      errorCount++
      errors.push(line.replace(/\[(error|fatal|panic)\] /, '').replace(/ @ 0x[0-9a-f]+/, '').slice(0, maxLineLength))
      if (errors.length > maxErrors) errors.shift()
    } else if (line.includes('Stream mapping:')) isMapping = true
    else if (mapping === undefined) (isMapping ? readMapping : readStream)(line)
  }

  return {
    push(text) {
      const lines = (rest + text).split(/[\r\n]+/)
      rest = (lines.pop() ?? '').slice(0, maxLineLength)
      for (const line of lines) readLine(line)
    },
    get mapping() {
      return mapping
    },
    errors,
    get errorCount() {
      return errorCount
    },
    get hasSound() {
      return hasSound
    },
    get hasCover() {
      return hasCover
    },
  }
}

function parseVideo(text: string): DescribedVideo {
  const [, width = '0', height = '0'] = /, (\d+)x(\d+)/.exec(text) ?? []
  const [, rate = '0', thousand] = /, ([\d.]+)(k?) fps/.exec(text) ?? []
  return { width: Number(width), height: Number(height), frameRate: Number(rate) * (thousand === 'k' ? 1000 : 1) }
}
