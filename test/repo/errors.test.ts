/** The table of errors and what documents say of it agree. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '@streamflow/sdk/errors'

const root = join(import.meta.dirname, '..', '..')
const document = ['sdk/ERRORS.md', 'sdk/README.md'].map((path) => join(root, path)).find((path) => existsSync(path) && readFileSync(path, 'utf8').includes('`LowPMBalance`'))
const text = document === undefined ? '' : readFileSync(document, 'utf8')

describe('errors', () => {
  it('are documented in a table', () => expect(document).toBeDefined())

  it.each(Object.entries(errorCodes))('%s is documented with its status, whether to retry, its help, whose fault it is and what remedies it', (code, { status, retry, help, fault, remedy }) => {
    expect(text).toContain(`| \`${code}\` | ${status} | ${retry} | ${help} | ${fault} | ${remedy} |`)
  })

  it('documents no code that does not exist', () => {
    const documented = [...text.matchAll(/^\| `([A-Za-z]+)` \| \d+ \|/gm)].map(([, code]) => code)
    expect(documented.filter((code) => !Object.hasOwn(errorCodes, code ?? ''))).toEqual([])
  })
})
