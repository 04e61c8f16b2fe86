/** Which version this is, as the package says. */

import { readFileSync } from 'node:fs'

/** The version of this package; sources and builds lie equally deep below its description. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version
