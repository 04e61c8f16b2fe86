/** The settings as a flat list, with the names that each has in flags, environment and YAML. */

import type { Setting } from './setting.js'
import { settings } from './settings.js'

/** One setting with its names. */
export interface Entry {
  readonly group: string
  readonly name: string
  /** In YAML and messages: `http.publicUrl`. */
  readonly path: string
  /** Without dashes: `http-public-url`; none for secrets. */
  readonly flag: string | undefined
  /** `STREAMFLOW_HTTP_PUBLIC_URL` */
  readonly variable: string
  readonly setting: Setting<unknown>
}

/** Prefix of environment variables. */
export const variablePrefix = 'STREAMFLOW_'

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** All settings, in the order of the table. */
export const entries: readonly Entry[] = Object.entries(settings).flatMap(([group, members]) =>
  Object.entries(members as Record<string, Setting<unknown>>).map(([name, setting]) => {
    const flag = `${group}-${words(name)}`
    return { group, name, path: `${group}.${name}`, flag: setting.isSecret ? undefined : flag, variable: variablePrefix + flag.replaceAll('-', '_').toUpperCase(), setting }
  }),
)
