/** The two commands of the README that run the network, as a person runs them: what they print, and that nothing is left. */
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { privateKeyToAccount } from 'viem/accounts'
import { parseNetwork } from '@streamflow/sdk/chain'
import { services } from '@streamflow/sdk/payments'
import { parseJson, quoteResponseSchema } from '@streamflow/sdk/protocol'
import { developmentKey } from '../../examples/network/accounts.mjs'
import { makeMediaFile, runFfmpeg } from '../harness/makeFootage.mjs'

const root = join(import.meta.dirname, '..', '..')
const folders: string[] = []
type Command = ChildProcessByStdio<null, Readable, Readable>

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function run(script: string, args: readonly string[]): { readonly child: Command; text(): string; readonly ended: Promise<number | null> } {
  const child = spawn(process.execPath, [join(root, 'examples', 'network', script), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return { child, text: () => text, ended: new Promise((resolve) => child.once('close', resolve)) }
}

/** Command lines of all processes that name this folder. */
const listProcesses = (folder: string): string[] => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(folder))
/** What an orchestrator asks for a million output pixels, wei. */
async function askPrice(url: string): Promise<bigint> {
  const answer = await fetch(`${url}/v1/quotes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sender: privateKeyToAccount(developmentKey).address, serviceId: services.Transcoding }) })
  return parseJson(quoteResponseSchema, await answer.text()).quote.pricePerMillionPixels
}
const isUp = (url: string): Promise<boolean> => fetch(url).then(({ ok }) => ok, () => false)

describe('npm start', () => {
  it('prints where everything is, serves the studio, goes on without one of two orchestrators, and leaves nothing after Ctrl-C', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'streamflow-start-'))
    folders.push(folder)
    const { child, text, ended } = run('start.mjs', ['--folder', folder, '--any-ports'])
    await expect.poll(text, { timeout: 90_000 }).toMatch(/Ctrl-C stops everything/)
    const studioUrl = /Studio\s+(\S+)/.exec(text())?.[1] ?? ''
    const orchestrators = [...text().matchAll(/Orchestrator\s+(\S+)\s+process (\d+)/g)].map(([, url = '', pid]) => ({ url, pid: Number(pid) }))
    expect(orchestrators.length).toBe(2)
    const [killed = { url: '', pid: Number.NaN }, other = killed] = orchestrators
    expect(await (await fetch(studioUrl)).text()).toContain('<title>Streamflow Studio</title>')
    expect(await isUp(new URL('studio.js', studioUrl).href)).toBe(true)
    for (const { url } of orchestrators) expect(await isUp(`${url}/healthz`)).toBe(true)
    expect(await askPrice(killed.url)).toBeLessThan(await askPrice(other.url))
    const answer = await fetch(new URL('network.json', studioUrl))
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const described = (await answer.json()) as { chainId: number; developmentKey?: string }
    expect(described.chainId).toBe(31_337)
    expect(parseNetwork(readFileSync(join(folder, 'network.json'), 'utf8'))).toEqual(parseNetwork(JSON.stringify(described)))
    expect(described.developmentKey).toMatch(/^0x[0-9a-f]{64}$/)

    const second = run('start.mjs', ['--folder', folder, '--any-ports'])
    expect(await second.ended).toBe(1)
    expect(second.text()).toContain('A network is running already')

    process.kill(killed.pid, 'SIGKILL')
    await expect.poll(text, { timeout: 10_000 }).toMatch(/✗ orchestrator 1 ended by itself \(SIGKILL\)[\s\S]*The others go on/)
    expect(await isUp(`${other.url}/healthz`)).toBe(true)

    child.kill('SIGINT')
    expect(await ended).toBe(0)
    for (const { url } of orchestrators) expect(await isUp(`${url}/healthz`)).toBe(false)
    await expect.poll(() => listProcesses(folder), { timeout: 10_000 }).toEqual([])
  })

  it('ends with a clear message when what it cannot do without dies', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'streamflow-start-'))
    folders.push(folder)
    const { text, ended } = run('start.mjs', ['--folder', folder, '--any-ports', '--orchestrators', '1'])
    await expect.poll(text, { timeout: 90_000 }).toMatch(/Ctrl-C stops everything/)
    const pid = Number(/process (\d+)/.exec(text())?.[1])
    process.kill(pid, 'SIGKILL')
    expect(await ended).toBe(1)
    expect(text()).toMatch(/✗ orchestrator 1 ended by itself \(SIGKILL\)/)
    await expect.poll(() => listProcesses(folder), { timeout: 10_000 }).toEqual([])
  })
})

describe('npm start with numbers of orchestrators that are none', () => {
  it.each(['0', '9', 'many'])('says what was expected instead of %s', async (count) => {
    const { text, ended } = run('start.mjs', ['--orchestrators', count])
    expect(await ended).toBe(1)
    expect(text()).toContain('a whole number from 1 to 8')
  })
})

describe('npm run demo', () => {
  const table = /segments +(\d+) settled, (\d+) lost[\s\S]*renditions +(.+)[\s\S]*segment latency p50 +\d+ ms[\s\S]*segment latency p95 +\d+ ms[\s\S]*tickets sent +(\d+)[\s\S]*value paid +([\d.]+) (?:ETH|gwei)[\s\S]*winners redeemed +(\d+)/

  it('broadcasts a file in real time through a network of its own and prints what it cost', async () => {
    const file = makeMediaFile('demo.mp4', (path) =>
      runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=480x270:rate=25:duration=4', '-f', 'lavfi', '-i', 'sine=frequency=600:duration=4', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'mp4', path]))
    const { text, ended } = run('demo.mjs', [file, '--loop', '2'])
    expect(await ended, text()).toBe(0)
    expect(text()).toMatch(/Playback +http:\/\/localhost:\d+\/live\/0x[0-9a-f]{64}\/master\.m3u8/)
    expect(text()).toMatch(table)
    const [, settled, lost, renditions, tickets] = table.exec(text()) ?? []
    expect(Number(settled)).toBeGreaterThanOrEqual(6)
    expect(Number(lost)).toBe(0)
    expect(Number(tickets)).toBeGreaterThanOrEqual(Number(settled))
    expect(renditions).toContain('480x270'.replace('x', '×'))
  })

  it('says what is wrong with a file that is none', async () => {
    const { text, ended } = run('demo.mjs', [join(root, 'no-such-film.mp4')])
    expect(await ended).toBe(1)
    expect(text()).toContain('there is no file')
  })
})
