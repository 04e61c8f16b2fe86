// Builds what is published or served: contracts (typed ABIs), the SDK (one module per source file, so that unused
// actions cost no bytes), the orchestrator (two programs) and the examples' pages. Any warning fails the build.
// `rollup -c --environment ONLY:sdk` builds one of them.
import { readFileSync } from 'node:fs'
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import esbuild, { minify } from 'rollup-plugin-esbuild'
import { inlinePeer, peerPackages } from './sdk/build/bundlePeer.mjs'
import { inlineWorker } from './sdk/build/inlineWorker.mjs'
import { listLicences } from './sdk/build/listLicences.mjs'

const typescript = () => esbuild({ target: 'es2022', sourceMap: true, tsconfig: 'tsconfig.base.json' })

/** Packages that a workspace declares stay imports; everything else is a mistake that the build should show. */
function declared(workspace) {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(new URL(`./${workspace}/package.json`, import.meta.url), 'utf8'))
  const names = Object.keys({ ...dependencies, ...peerDependencies })
  return (id) => id.startsWith('node:') || names.some((name) => id === name || id.startsWith(`${name}/`))
}

const onwarn = (warning) => {
  throw new Error(`${warning.code}: ${warning.message}`)
}

const library = (workspace, { root, input, plugins = [], banner }) => ({
  input,
  external: declared(workspace),
  plugins: [...plugins, nodeResolve({ extensions: ['.ts', '.js'] }), json(), typescript()],
  output: { dir: `${workspace}/dist`, format: 'es', preserveModules: true, preserveModulesRoot: `${workspace}/${root}`, sourcemap: true, ...(banner && { banner }) },
  onwarn,
})

const entries = (workspace, folders) => Object.fromEntries(folders.map((folder) => [folder, `${workspace}/src/${folder}.ts`]))

/** Third-party modules carry annotations and `this` at top level that rollup only notes. */
const harmless = ['THIS_IS_UNDEFINED', 'INVALID_ANNOTATION', 'CIRCULAR_DEPENDENCY', 'SOURCEMAP_ERROR']

/** What a browser loads has everything in it. */
const bundled = ({ input, output, plugins = [] }) => ({
  input,
  plugins: [
    inlineWorker(),
    inlinePeer(),
    nodeResolve({ browser: true, preferBuiltins: false, extensions: ['.ts', '.js', '.mjs'], exportConditions: ['@streamflow/source', 'browser', 'import', 'default'] }),
    commonjs(),
    json(),
    typescript(),
    ...plugins,
  ],
  output: { format: 'es', ...output },
  onwarn: (warning, warn) => {
    if (harmless.includes(warning.code) && JSON.stringify(warning).includes('node_modules')) return
    onwarn(warning, warn)
  },
})

/** A page of an example: the rarely needed in chunks of its own. */
const page = (example, inputs) =>
  bundled({
    input: Object.fromEntries(Object.entries(inputs).map(([name, file]) => [name, `examples/${example}/${file}`])),
    output: { dir: `examples/${example}/dist`, sourcemap: true, entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
  })

const builds = {
  contracts: library('contracts', { root: 'abi', input: { index: 'contracts/abi/index.ts' } }),
  sdk: library('sdk', {
    root: 'src',
    input: entries('sdk', ['index', 'errors/index', 'payments/index', 'media/index', 'protocol/index', 'chain/index', 'react/index', 'element/index', 'node/index', 'node/cli/index', 'node/cli/main']),
    plugins: [inlineWorker({ emit: true }), inlinePeer()],
    // Of the program alone: the rest is imported.
    banner: (chunk) => (chunk.name === 'node/cli/main' ? '#!/usr/bin/env node' : ''),
  }),
  /** The SDK as one file, for pages without a bundler (`<script type="module">`, import maps). */
  bundle: bundled({
    input: 'sdk/src/index.ts',
    output: { file: 'sdk/dist/bundle/streamflow.js', inlineDynamicImports: true },
    plugins: [minify({ target: 'es2022', legalComments: 'none' }), listLicences('LICENCES.txt', peerPackages)],
  }),
  orchestrator: library('orchestrator', {
    root: 'src',
    input: entries('orchestrator', ['main', 'transcoder']),
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
  }),
  /** The operator's page, which the orchestrator serves. */
  admin: bundled({ input: { admin: 'orchestrator/admin/src/main.ts' }, output: { dir: 'orchestrator/dist/admin', entryFileNames: '[name].js' } }),
  studio: page('studio', { studio: 'src/main.ts', watch: 'src/watch.ts' }),
  stake: page('stake', { stake: 'src/main.ts' }),
  page: page('page', { page: 'page.ts' }),
}

const only = process.env.ONLY
export default only === undefined ? Object.values(builds) : [builds[only]]
