// npm runs this in a package's folder before it packs it: what is built is fresh, and the manifest is the users'.
import { ensureBuild } from '../examples/network/ensureBuild.mjs'
import { root, swapManifest } from './keptManifest.mjs'

ensureBuild({ root, print: (line) => console.error(line) })
swapManifest(process.cwd())
