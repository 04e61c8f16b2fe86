import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { findConfinement, listConfinement, type ConfinementPart } from './confinement.js'

const run = async (words: readonly string[]): Promise<string> => {
  const [command = '', ...rest] = words
  return (await promisify(execFile)(command, rest)).stdout.trim()
}
const wordsOf = (parts: readonly ConfinementPart[], name: ConfinementPart['name']): readonly string[] => parts.find((part) => part.name === name)?.words ?? []

it('keeps ffmpeg from the network, from large files, and from being who the orchestrator is, where the machine can', async () => {
  const parts = await listConfinement('ffmpeg')
  expect(parts.map(({ name }) => name)).toEqual(['network', 'limits', 'priority', 'user'])
  if (process.platform === 'linux') expect(wordsOf(parts, 'limits')).not.toEqual([])
  const shell = (name: ConfinementPart['name'], script: string): Promise<string> => run([...wordsOf(parts, name), 'sh', '-c', script])
  if (wordsOf(parts, 'network').length > 0) expect(await shell('network', "tail -n +3 /proc/net/dev | cut -d: -f1 | grep -v '^ *lo$' | wc -l")).toBe('0')
  if (wordsOf(parts, 'limits').length > 0) expect(Number(await shell('limits', 'ulimit -f'))).toBeLessThan(2 ** 20)
  if (wordsOf(parts, 'user').includes('--reuid')) {
    expect(await shell('user', 'id -u; id -G')).not.toMatch(/^0$/m)
    const folder = await mkdtemp(join(tmpdir(), 'confinement-'))
    try {
      await writeFile(join(folder, 'secret'), 'x')
      await expect(shell('user', `cat '${folder}/secret'`)).rejects.toThrow()
    } finally {
      await rm(folder, { recursive: true })
    }
  }
})

it('is left out where the ffmpeg that is used does not run under it', async () => {
  expect(wordsOf(await listConfinement('/nonexistent/ffmpeg'), 'user')).toEqual([])
  expect(await run([...(await findConfinement('ffmpeg')), 'ffmpeg', '-version'])).toMatch(/^ffmpeg version/)
})
