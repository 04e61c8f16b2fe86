/** The table of the contracts' behaviours: every number once, and every test that it names exists. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const rows = readFileSync(join(root, 'contracts', 'BEHAVIOURS.md'), 'utf8').split('\n').filter((line) => /^\| \d+ \|/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()))
const list = (folder: string): string[] => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
const solidity = list('contracts/test').filter((path) => path.endsWith('.sol')).map((path) => readFileSync(join(root, path), 'utf8')).join('\n')
const files = [...list('orchestrator/src'), ...list('sdk/src')]

describe('the behaviours of the ancestors', () => {
  it('are ticked off one by one', () => {
    expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 123 }, (_, index) => index + 1))
  })

  it('are each the same with a test, different with a reason, or do not apply for a reason', () => {
    const bare = rows.filter(([, , , here, why, test]) => (here === 'same' ? test === '' : !['different', 'n. a.'].includes(here ?? '') || why === ''))
    expect(bare.map(([, number]) => number)).toEqual([])
  })

  it('name tests that exist', () => {
    const named = rows.flatMap(([, , , , , test = '']) => [...test.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
    const missing = named.filter((name) => !solidity.includes(`function ${name}(`) && !files.some((path) => path.endsWith(`/${name}`)))
    expect(missing).toEqual([])
  })
})
