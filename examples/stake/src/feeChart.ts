/** Fees of past rounds by the stake behind an orchestrator, as bars: the paper's fee ratio, which delegators compare. */

const namespace = 'http://www.w3.org/2000/svg'
const [width, height] = [120, 40]
/** A round without fees is a line, so that it is seen that there was one. */
const leastHeight = 0.8

/** A bar: its left edge, width and height in a box of 120 × 40. */
export interface Bar {
  readonly x: number
  readonly width: number
  readonly height: number
}

/**
 * Bars on a scale that all charts share: they are there to be compared. Pure.
 * @param values - the oldest first
 * @param top - what a full bar is
 */
export function computeBars(values: readonly number[], top: number): readonly Bar[] {
  const pitch = width / Math.max(values.length, 1)
  return values.map((value, index) => ({ x: index * pitch + pitch * 0.1, width: pitch * 0.8, height: Math.max(leastHeight, top > 0 ? (value / top) * height : 0) }))
}

/** @param label - says in words what the bars show */
export function createFeeChart(values: readonly number[], top: number, label: string): SVGSVGElement {
  const make = <K extends keyof SVGElementTagNameMap>(name: K, attributes: Readonly<Record<string, string | number>>): SVGElementTagNameMap[K] => {
    const element = document.createElementNS(namespace, name)
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value))
    return element
  }
  const chart = make('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', class: 'fees', role: 'img', 'aria-label': label })
  chart.append(...computeBars(values, top).map((bar) => make('rect', { x: bar.x, y: height - bar.height, width: bar.width, height: bar.height })), make('line', { x1: 0, x2: width, y1: height, y2: height }))
  return chart
}
