/** A small chart: two series over the last two minutes, each on its own scale, as two SVG paths. */

/** One moment. `undefined`: not known then. */
export interface Sample {
  readonly latencyMs: number | undefined
  readonly bitrate: number | undefined
}

const namespace = 'http://www.w3.org/2000/svg'
/** One sample a second: two minutes. */
const capacity = 120
/** A young chart is stretched, but not so far that two points fill it. */
const minSpan = 20
const height = 60
/** Distance of the lines from the edges. */
const margin = 4

/**
 * Path of one series in a box of `capacity` × `height`, newest on the right; gaps where a value is missing. Pure.
 * @param values - oldest first, at most `capacity`
 */
export function computePath(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined)
  const top = Math.max(...known, 1e-9) * 1.1
  const span = Math.max(values.length, minSpan)
  let pen = 'M'
  let path = ''
  values.forEach((value, index) => {
    if (value === undefined) {
      pen = 'M'
      return
    }
    const x = (capacity * (span - values.length + index + 1)) / span
    path += `${pen}${x.toFixed(1)} ${(height - margin - (value / top) * (height - 2 * margin)).toFixed(1)}`
    pen = 'L'
  })
  return path
}

/** @returns `add`: one more sample, shown at once; `clear` */
export function createSparkline(svg: SVGSVGElement): { add(sample: Sample): void; clear(): void } {
  let samples: Sample[] = []
  const path = (name: string): SVGPathElement => {
    const element = document.createElementNS(namespace, 'path')
    element.setAttribute('class', name)
    svg.append(element)
    return element
  }
  path('axis').setAttribute('d', `M0 ${height - 1}H${capacity}`)
  const latency = path('one')
  const bitrate = path('two')
  const draw = (): void => {
    latency.setAttribute('d', computePath(samples.map((sample) => sample.latencyMs)))
    bitrate.setAttribute('d', computePath(samples.map((sample) => sample.bitrate)))
  }
  return {
    add(sample) {
      samples = [...samples, sample].slice(-capacity)
      draw()
    },
    clear() {
      samples = []
      draw()
    },
  }
}
