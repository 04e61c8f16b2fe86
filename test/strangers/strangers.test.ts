/**
 * What users get: the packages as npm packs them, installed by people who have never seen this repository, far from it,
 * and used in the ways in which they are used. Nothing here sees a source.
 */
import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveStudio } from '../../examples/network/serveStudio.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { makeFootage } from '../harness/makeFootage.mjs'
import { createProject, type Project } from './createProject.mjs'
import { packTarballs, publishedWorkspaces } from './packTarballs.mjs'

const folder = mkdtempSync(join(tmpdir(), 'streamflow-strangers-'))
const packed = packTarballs(join(folder, 'tarballs'))
let network: Awaited<ReturnType<typeof startNetwork>>
const projects = {} as Record<'node' | 'page' | 'server', Project>

beforeAll(async () => {
  const sdk = [packed.contracts.file, packed.sdk.file]
  const create = async (name: keyof typeof projects, tarballs: string[], packages: string[]): Promise<void> => {
    projects[name] = await createProject(name, { tarballs, packages })
  }
  await Promise.all([
    startNetwork({ folder: join(folder, 'network'), anyPorts: true }).then((running) => void (network = running)),
    create('node', sdk, ['viem', 'node-datachannel', 'typescript', '@types/node']),
    create('page', sdk, ['viem', 'react', 'react-dom', 'wagmi', '@tanstack/react-query', 'vite', 'esbuild', 'webpack', 'typescript', '@types/node', '@types/react', '@types/react-dom']),
    create('server', [...sdk, packed.orchestrator.file], []),
  ])
})
afterAll(async () => {
  await network?.stop()
  for (const project of Object.values(projects)) project.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** A strict compiler, with the libraries' own types checked too, unless that is not to be had. */
const compile = (project: Project, { module, resolution, lib, types, files, skipLibCheck = false }: { module: string; resolution: string; lib: string; types: string; files: readonly string[]; skipLibCheck?: boolean }): Promise<string> =>
  project.run('tsc', '--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', String(skipLibCheck), '--jsx', 'react-jsx', '--target', 'es2022', '--lib', lib, '--types', types, '--module', module, '--moduleResolution', resolution, ...files)

describe.each(publishedWorkspaces)('the package of %s', (workspace) => {
  const { file, paths } = packed[workspace]
  const manifest = JSON.parse(execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' })) as { files: string[]; exports: Record<string, unknown>; engines: unknown }

  it('holds what a user needs and nothing else', () => {
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    expect(paths.filter((path) => /\.tsbuildinfo|\.(test|spec)\.|(?<!\.d)\.m?ts$|(^|\/)(test|tests|scripts|build|node_modules)\/|tsconfig|karma/.test(path))).toEqual([])
  })

  it('names no source and no tool of this repository', () => {
    expect(JSON.stringify(manifest)).not.toMatch(/@streamflow\/source|"scripts"|"devDependencies"/)
    expect(manifest).toMatchObject({ license: 'MIT', type: 'module', engines: { node: expect.any(String) }, repository: { directory: workspace } })
  })

  it('is without fault for publint', async () => {
    const { messages } = await publint({ pack: { tarball: readFileSync(file).buffer as ArrayBuffer }, strict: true })
    expect(messages.map((message) => formatMessage(message, manifest as never))).toEqual([])
  })

  it('has types that are right, for whoever asks for modules', async () => {
    // Scripts and programs have no types.
    const excludeEntrypoints = ['./capture-worker.js', './verification-worker.js', './bundle.js', './package.json', /\.json$/]
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(file)), { excludeEntrypoints })
    if (!analysis.types) return expect(workspace).toBe('orchestrator') // a program, not a library
    // Packages of modules alone: the resolutions of `require` and of what came before `exports` are not for them.
    const others = ['node10', 'node16-cjs']
    expect(analysis.problems.filter((problem) => !('resolutionKind' in problem && others.includes(problem.resolutionKind)))).toEqual([])
  })
})

describe.each(['node', 'page', 'server'] as const)('an installation (%s)', (name) => {
  it('warns of no engine, and has one copy of what several need', () => {
    const { installed, versionsOf } = projects[name]
    expect(installed).not.toMatch(/EBADENGINE/)
    for (const each of ['viem', '@noble/curves', '@noble/hashes', '@streamflow/contracts', '@streamflow/sdk']) expect(versionsOf(each), each).toHaveLength(1)
  })
})

describe('a project for Node', () => {
  it('goes live', async () => {
    const project = projects.node
    const networkFile = join(project.folder, 'network.json')
    writeFileSync(networkFile, JSON.stringify(network.network))
    const film = join(project.folder, 'film.mp4')
    execFileSync(process.env['FFMPEG_PATH'] ?? 'ffmpeg', ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=4', '-f', 'lavfi', '-i', 'sine=duration=4', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', film])
    const said = JSON.parse(await project.run('node', 'live.js', networkFile, film, network.development.key)) as { settled: number; playlist: string }
    expect(said.settled).toBeGreaterThanOrEqual(3)
    expect(said.playlist).toMatch(/^#EXTM3U/)
  })

  it.skipIf(!('require_module' in process.features))('is understood by `require`', async () => {
    expect(JSON.parse(await projects.node.run('node', '--no-warnings', 'required.cjs'))).toMatchObject({ broadcast: 'function', deploy: 'function' })
  })

  it('compiles strictly, without the types of browsers', async () => {
    await Promise.all(['node16', 'nodenext'].map((module) => compile(projects.node, { module, resolution: module, lib: 'es2022', types: 'node', files: ['withoutDom.ts'] })))
  })
})

describe('a page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium(makeFootage())
  })
  afterAll(() => browser?.close())

  /** Opens a page and lets it go live and watch itself. */
  const goLive = async (folders: readonly string[], buttons: readonly string[] = []): Promise<void> => {
    const site = await serveStudio({ folders: folders.map((path) => join(projects.page.folder, path)), documents: { '/network.json': () => network.network }, port: 0 })
    const context = await browser.newContext()
    try {
      await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: network.development.address })
      const page = await context.newPage()
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(String(error)))
      await page.goto(site.url)
      for (const name of buttons) await page.getByRole('button', { name }).click()
      const read = async (): Promise<Record<string, string | undefined>> => ({ ...(await page.evaluate(() => ({ ...document.body.dataset }))), ...(failures.length > 0 && { failure: failures.join('\n') }) })
      await expect.poll(read, { timeout: 60_000 }).toSatisfy(({ failure, settled, playing }: Record<string, string | undefined>) => failure !== undefined || (playing === 'yes' && Number(settled) >= 2))
      expect((await read())['failure']).toBeUndefined()
    } finally {
      await context.close()
      await site.close()
    }
  }

  it('without a bundler goes live and watches, from one file and an import map', () => goLive(['plain', '.']))

  it('bundled by esbuild goes live and watches', async () => {
    const { folder: at, run } = projects.page
    await run('esbuild', 'page.js', '--bundle', '--format=esm', '--splitting', '--target=es2022', '--outdir=out-esbuild', '--log-level=warning')
    copyFileSync(join(at, 'bundled.html'), join(at, 'out-esbuild', 'index.html'))
    await goLive(['out-esbuild'])
  })

  it('bundled by webpack goes live and watches', async () => {
    const { folder: at, run } = projects.page
    await run('node', 'buildWebpack.js')
    copyFileSync(join(at, 'bundled.html'), join(at, 'out-webpack', 'index.html'))
    await goLive(['out-webpack'])
  })

  it('in React’s strict mode, built by Vite, with a wallet by wagmi, goes live and watches', async () => {
    await projects.page.run('vite', 'build', 'vite', '--logLevel', 'warn')
    await goLive(['vite/dist'], ['Connect', 'Go live'])
  })

  it('compiles strictly', async () => {
    const browsers = { lib: 'es2022,dom,dom.iterable', types: 'node,react,react-dom' }
    const resolutions = [['esnext', 'bundler'], ['node16', 'node16']] as const
    await Promise.all([
      ...resolutions.map(([module, resolution]) => compile(projects.page, { ...browsers, module, resolution, files: ['everyEntry.ts'] })),
      // wagmi's own types do not agree with those of what it uses.
      compile(projects.page, { ...browsers, module: 'esnext', resolution: 'bundler', files: ['vite/main.tsx'], skipLibCheck: true }),
    ])
  })

  it('that is run in Node without the optional peer says so', async () => {
    const said = JSON.parse(await projects.page.run('node', 'withoutPeer.js')) as { code: string; message: string }
    expect(said).toMatchObject({ code: 'Unsupported', message: expect.stringContaining('npm install node-datachannel') as string })
  })
})

describe('an operator', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
  const lines = [...readme.matchAll(/^npx (.*?)(?:\s+#.*)?$/gm)].map(([, line = '']) => line)

  it('is told lines that name the package', () => {
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.filter((line) => !line.startsWith('-p @streamflow/orchestrator streamflow-orchestrator '))).toEqual([])
  })

  it('makes a key with one of them', async () => {
    const keyLine = lines.find((line) => line.endsWith(' key new')) ?? ''
    const address = (await projects.server.run('npx', '--no-install', ...keyLine.split(' '))).trim()
    expect(address).toMatch(/^0x[0-9a-f]{40}$/)
    expect((await projects.server.run('streamflow-orchestrator', 'key', 'address')).trim()).toBe(address)
  })
})
