import { describe, expect, it } from 'vitest'
import { computePath } from './sparkline.js'

/** Points of a path: command, x, y. */
const points = (path: string): [string, number, number][] => [...path.matchAll(/([ML])([\d.]+) ([\d.]+)/g)].map(([, command = '', x, y]) => [command, Number(x), Number(y)])

describe('the chart', () => {
  it('ends on the right with the newest value, and the highest value is highest', () => {
    const path = points(computePath([1, 3, 2]))
    expect(path.map(([command]) => command)).toEqual(['M', 'L', 'L'])
    expect(path.at(-1)?.[1]).toBe(120)
    expect(Math.min(...path.map(([, , y]) => y))).toBe(path[1]?.[2])
  })

  it('leaves a gap where a value is not known', () => {
    expect(points(computePath([1, undefined, 2, 3])).map(([command]) => command)).toEqual(['M', 'M', 'L'])
  })

  it('draws nothing of nothing, and a flat line of zeros', () => {
    expect(computePath([])).toBe('')
    expect(computePath([undefined])).toBe('')
    expect(new Set(points(computePath([0, 0])).map(([, , y]) => y)).size).toBe(1)
  })
})
