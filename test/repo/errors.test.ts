/** The table of errors and what documents say of it agree. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '@streamflow/sdk/errors'

const root = join(import.meta.dirname, '..', '..')
const document = ['sdk/ERRORS.md', 'sdk/README.md'].map((path) => join(root, path)).find((path) => existsSync(path) && readFileSync(path, 'utf8').includes('`LowPMBalance`'))
const text = document === undefined ? '' : readFileSync(document, 'utf8')

/** What this repository's programs say, without the table itself and without what tests say. */
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'sdk/src', 'orchestrator/src'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path.endsWith('.ts') && !/\.(test|spec)\.ts$/.test(path) && !path.endsWith('errors/codes.ts') && existsSync(join(root, path)))
  .map((path) => readFileSync(join(root, path), 'utf8'))

describe('errors', () => {
  it.each(Object.keys(errorCodes))('%s is what somebody answers, not only what somebody expects', (code) => {
    // Comparisons and lists of codes are of those who are told; who tells gives it to an error, or by a table.
    const told = new RegExp(`(?<!(===|!==) )(?<=\\(\\s*|[:?] )'${code}'`)
    expect(sources.filter((text) => told.test(text))).not.toEqual([])
  })

  it('are documented in a table', () => expect(document).toBeDefined())

  it.each(Object.entries(errorCodes))('%s is documented with its status, whether to retry, its help, whose fault it is and what remedies it', (code, { status, retry, help, fault, remedy }) => {
    expect(text).toContain(`| \`${code}\` | ${status} | ${retry} | ${help} | ${fault} | ${remedy} |`)
  })

  it('documents no code that does not exist', () => {
    const documented = [...text.matchAll(/^\| `([A-Za-z]+)` \| \d+ \|/gm)].map(([, code]) => code)
    expect(documented.filter((code) => !Object.hasOwn(errorCodes, code ?? ''))).toEqual([])
  })
})
