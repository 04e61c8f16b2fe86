// The site: guides from here, the reference and the table of errors from the code. `npm run docs` builds it where something has
// changed; `npm start` has it done in the background and serves it.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application } from 'typedoc'
import { build } from 'vitepress'
import { hashFiles } from '../network/hashFiles.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
/** What VitePress reads: the guides as they are, and what is made beside them. */
const site = join(here, 'site')
const output = join(here, 'dist', 'docs')
/** What the site of `output` was made from. */
const stamp = join(here, 'dist', 'built.sha256')
const guides = ['.vitepress/config.mjs', '.vitepress/theme', 'guide', 'snippets', 'index.md', 'changelog.md']
/** What operators read lies in their package. */
const operatorsPages = { 'operators/index.md': 'orchestrator/README.md', 'operators/operating.md': 'orchestrator/OPERATING.md' }
const inputs = [...['build.mjs', 'typedoc.json', 'tsconfig.reference.json', ...guides].map((path) => `examples/docs/${path}`), 'examples/page/page.ts', 'sdk/src', 'sdk/ERRORS.md', ...Object.values(operatorsPages)]

/** A page for each thing that the SDK exports. */
async function writeReference() {
  const app = await Application.bootstrapWithPlugins({ options: join(here, 'typedoc.json'), out: join(site, 'reference'), logLevel: 'Error' })
  const project = await app.convert()
  if (project === undefined) throw new Error('the reference could not be made: see the errors above')
  await app.generateOutputs(project)
}

/** A document that lies beside the code. Its links to sources lead nowhere here, so they become plain text. */
function writePage(path, source) {
  mkdirSync(dirname(join(site, path)), { recursive: true })
  writeFileSync(join(site, path), readFileSync(source, 'utf8').replace(/\[([^\]]+)\]\((?!https?:|#)[^)]*\)/g, '$1'))
}

async function main() {
  const hash = hashFiles(root, inputs)
  if (existsSync(join(output, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  rmSync(site, { recursive: true, force: true })
  for (const part of guides) cpSync(join(here, part), join(site, part), { recursive: true })
  cpSync(join(here, '..', 'page', 'page.ts'), join(site, 'page', 'page.ts'))
  await writeReference()
  writePage('errors.md', join(root, 'sdk', 'ERRORS.md'))
  for (const [path, source] of Object.entries(operatorsPages)) writePage(path, join(root, source))
  await build(site, { outDir: output, logLevel: 'warn' })
  writeFileSync(stamp, hash)
}

await main()
