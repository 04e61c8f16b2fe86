/** The house: each folder of the two programs is a room that ARCHITECTURE.md knows, and scripts that documents name exist. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const foldersOf = (path: string): string[] => readdirSync(join(root, path), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
const architecture = read('ARCHITECTURE.md')

describe('rooms', () => {
  it.each([...foldersOf('sdk/src'), ...foldersOf('orchestrator/src').filter((name) => name !== 'adapters'), ...foldersOf('orchestrator/src/adapters').map((name) => `adapters/${name}`)])('ARCHITECTURE.md says what %s is in charge of', (name) => {
    expect(architecture).toMatch(new RegExp(`\\| .*\`${name}\`.* \\|`))
  })

  it('has no drawer for odds and ends', () => {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'sdk', 'orchestrator', 'contracts/src', 'contracts/deploy', 'examples', 'test'], { cwd: root, encoding: 'utf8' }).split('\n').filter((path) => existsSync(join(root, path)))
    expect(files.filter((path) => /(^|\/)(utils?|common|helpers?|misc|shared)(\/|\.[a-z]+$)/.test(path) || /\/types\.ts$/.test(path))).toEqual([])
  })
})

describe('commands in documents', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  it.each(['README.md', 'CONTRIBUTING.md'].filter((path) => existsSync(join(root, path))))('%s names commands that exist', (path) => {
    const named = [...read(path).matchAll(/npm (?:run ([a-z0-9:]+)|(start|test)\b)/g)].map(([, run, bare]) => run ?? bare ?? '')
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})
