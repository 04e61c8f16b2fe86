// npm runs this in a package's folder after it packed it.
import { restoreManifest } from './keptManifest.mjs'

restoreManifest(process.cwd())
