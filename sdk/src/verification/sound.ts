/** Whether the sound of a rendition is its source's: present, as loud, and the same wave but for a few milliseconds. Pure. */

/** Samples per second at which sound is compared: speech is below half of it, and coders are exact there. */
export const soundRate = 8_000

/** Decoded sound: one channel at {@link soundRate}, −1…1. */
export interface Sound {
  /** Microseconds on the stream's clock of its first sample. */
  readonly startUs: number
  readonly samples: Float32Array
}

/** Two sounds, compared. */
export interface SoundLikeness {
  /** Loudness in dB of full scale, of what both cover; −120 is silence. */
  readonly sourceLevel: number
  readonly renditionLevel: number
  /** Highest correlation of the waves within {@link maxLagSamples}; −1…1. */
  readonly correlation: number
  /** Seconds that were compared. */
  readonly seconds: number
}

const silenceDb = -120
/** Delays of coders and of where they begin, at most: 100 ms. */
const maxLagSamples = 0.1 * soundRate
/** At the beginning of a segment coders lack what was before: 50 ms are left out. */
const settleUs = 50_000
/** Lags are tried in steps first, then all around the best, and between them: high tones turn by a third of a period within half a sample. */
const coarseStep = 2
const reach = 16
const fractions = [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75] as const

const computeLevel = (samples: Float32Array): number => {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum === 0 ? silenceDb : Math.max(silenceDb, 10 * Math.log10(sum / samples.length))
}

/** The samples between two times, as far as they are there. */
function cut({ startUs, samples }: Sound, fromUs: number, untilUs: number): Float32Array {
  const at = (us: number): number => Math.min(samples.length, Math.max(0, Math.round(((us - startUs) * soundRate) / 1e6)))
  return samples.subarray(at(fromUs), at(untilUs))
}

/** Compares a segment's sound. */
export function compareSound(source: Sound, rendition: Sound): SoundLikeness {
  const endOf = ({ startUs, samples }: Sound): number => startUs + (samples.length * 1e6) / soundRate
  const fromUs = Math.max(source.startUs, rendition.startUs) + settleUs
  const untilUs = Math.min(endOf(source), endOf(rendition))
  if (untilUs <= fromUs) return { sourceLevel: computeLevel(source.samples), renditionLevel: computeLevel(rendition.samples), correlation: 0, seconds: 0 }
  const a = cut(source, fromUs, untilUs)
  const b = cut(rendition, fromUs, untilUs)
  return { sourceLevel: computeLevel(a), renditionLevel: computeLevel(b), correlation: findCorrelation(a, b), seconds: (untilUs - fromUs) / 1e6 }
}

function findCorrelation(a: Float32Array, b: Float32Array): number {
  let best = { lag: 0, value: -1 }
  for (let lag = -maxLagSamples; lag <= maxLagSamples; lag += coarseStep) {
    const value = correlate(a, b, lag)
    if (value > best.value) best = { lag, value }
  }
  const around = Array.from({ length: 2 * reach + 1 }, (_, i) => correlate(a, b, best.lag + i - reach))
  const highest = Math.max(...around.slice(reach - 1, reach + 2), ...fractions.map((fraction) => interpolate(around, reach + fraction)))
  return Math.min(1, highest)
}

/** What a run of values, of which none changes faster than they are told, is between two of them. */
function interpolate(values: readonly number[], at: number): number {
  return values.reduce((sum, value, i) => {
    const x = Math.PI * (at - i)
    return sum + (x === 0 ? value : (value * Math.sin(x)) / x)
  }, 0)
}

/** Correlation with `b` moved by so many samples; 0 where either is silent. */
function correlate(a: Float32Array, b: Float32Array, lag: number): number {
  const from = Math.max(0, -lag)
  const until = Math.min(a.length, b.length - lag)
  let [product, first, second] = [0, 0, 0]
  for (let i = from; i < until; i++) {
    const [x, y] = [a[i]!, b[i + lag]!]
    product += x * y
    first += x * x
    second += y * y
  }
  return first === 0 || second === 0 ? 0 : product / Math.sqrt(first * second)
}
