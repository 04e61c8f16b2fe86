import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { areDependenciesInstalled } from './ensureDependencies.mjs'

let root
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'streamflow-packages-'))
  mkdirSync(join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const lock = (packages) => writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }))
const installed = (packages) => writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }))

describe('whether packages are installed', () => {
  it('is no in a fresh clone', () => {
    lock({ 'node_modules/viem': { version: '2.0.0' } })
    expect(areDependenciesInstalled(root)).toBe(false)
  })

  it('is yes when every package has the version of the lock file', () => {
    lock({ sdk: { version: '0.1.0' }, 'node_modules/@streamflow/sdk': { link: true }, 'node_modules/viem': { version: '2.0.0' }, 'node_modules/for-another-platform': { version: '1.0.0', optional: true } })
    installed({ 'node_modules/viem': { version: '2.0.0' } })
    expect(areDependenciesInstalled(root)).toBe(true)
  })

  it('is no after the lock file moved on', () => {
    lock({ 'node_modules/viem': { version: '2.0.1' } })
    installed({ 'node_modules/viem': { version: '2.0.0' } })
    expect(areDependenciesInstalled(root)).toBe(false)
  })
})
