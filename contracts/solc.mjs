#!/usr/bin/env node
// Presents the npm package `solc` (WebAssembly) as the native `solc` that forge expects, so that building needs no download.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const solc = createRequire(import.meta.url)('solc')

if (process.argv.includes('--version')) {
  const version = solc.version().replace('.Emscripten.clang', '.Linux.g++')
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`)
} else {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8'), { import: readSource }))
}

// forge hands some of the hoisted ../node_modules over under absolute names only; relative imports ask for them here.
function readSource(path) {
  try {
    return { contents: readFileSync(path, 'utf8') }
  } catch (error) {
    return { error: String(error) }
  }
}
