/** Reads the configuration: flags before environment before YAML file before defaults. Every mistake names its setting. */

import { parse as parseYaml } from 'yaml'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { entries, variablePrefix, type Entry } from './entries.js'
import { settings, type Config } from './settings.js'

/** Where a value came from. */
type Source = 'flag' | 'environment' | 'file' | 'default'

/** What configuration is read from. */
export interface ConfigInput {
  /** Flags without dashes → what followed them. */
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Text of the YAML file, if there is one. */
  readonly yaml?: string
}

/** A configuration and where each value came from (by path). */
export interface LoadedConfig {
  readonly config: Config
  readonly sources: Readonly<Record<string, Source>>
  /** Variables that look like settings and are none: a typing mistake, most likely. */
  readonly warnings: readonly string[]
}

/** Variables that are not settings. */
const otherVariables = new Set([`${variablePrefix}CONFIG`])
const maxYamlLength = 256 * 1024

/**
 * Reads a configuration.
 * @throws {@link StreamflowError} `ConfigInvalid` naming the setting
 */
export function loadConfig({ flags, environment, yaml }: ConfigInput): LoadedConfig {
  const file = yaml === undefined ? {} : readYaml(yaml)
  const values: Record<string, Record<string, unknown>> = {}
  const sources: Record<string, Source> = {}
  for (const entry of entries) {
    const { source, value } = readEntry(entry, { flags, environment, file })
    ;(values[entry.group] ??= {})[entry.name] = value
    sources[entry.path] = source
  }
  const config = values as unknown as Config
  assertConsistent(config)
  const known = new Set([...entries.map(({ variable }) => variable), ...otherVariables])
  const warnings = Object.keys(environment).filter((name) => name.startsWith(variablePrefix) && !known.has(name)).map((name) => `the variable ${name} is not a setting`)
  return { config, sources, warnings }
}

type YamlFile = Readonly<Record<string, Readonly<Record<string, unknown>>>>

function readEntry({ path, flag, variable, group, name, setting }: Entry, { flags, environment, file }: Omit<ConfigInput, 'yaml'> & { readonly file: YamlFile }): { readonly source: Source; readonly value: unknown } {
  const fromFlag = flag === undefined ? undefined : flags[flag]
  if (fromFlag !== undefined) return { source: 'flag', value: named(`--${flag}`, () => setting.parse(fromFlag)) }
  const fromEnvironment = environment[variable]
  if (fromEnvironment !== undefined && fromEnvironment !== '') return { source: 'environment', value: named(variable, () => setting.parse(fromEnvironment)) }
  const fromFile = file[group]?.[name]
  if (fromFile !== undefined && fromFile !== null) return { source: 'file', value: named(path, () => setting.read(fromFile)) }
  return { source: 'default', value: setting.fallback }
}

function named<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    throw isStreamflowError(thrown) ? new StreamflowError('ConfigInvalid', `${name}: ${thrown.message}`, { data: { setting: name } }) : thrown
  }
}

function readYaml(text: string): YamlFile {
  if (text.length > maxYamlLength) throw new StreamflowError('ConfigInvalid', `the configuration file exceeds ${maxYamlLength} characters`)
  let document: unknown
  try {
    document = parseYaml(text, { maxAliasCount: 0 }) as unknown
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `the configuration file is not YAML: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
  if (document === null || document === undefined) return {}
  const groups = asRecord(document, 'the configuration file')
  for (const [group, members] of Object.entries(groups)) {
    const known = (settings as Record<string, Record<string, unknown>>)[group]
    if (known === undefined) throw unknownSetting(group, Object.keys(settings))
    if (members === null) continue
    for (const name of Object.keys(asRecord(members, group))) if (!Object.hasOwn(known, name)) throw unknownSetting(`${group}.${name}`, Object.keys(known).map((each) => `${group}.${each}`))
  }
  return Object.fromEntries(Object.entries(groups).map(([group, members]) => [group, members ?? {}])) as YamlFile
}

function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new StreamflowError('ConfigInvalid', `${what}: expected names and values`)
}

function unknownSetting(path: string, known: readonly string[]): StreamflowError {
  return new StreamflowError('ConfigInvalid', `${path} is not a setting; there are ${known.join(', ')}`, { data: { setting: path } })
}

/** What no single setting can see. */
function assertConsistent({ http, webrtc, transcoder, pool, price, tickets }: Config): void {
  const refuse = (message: string): never => {
    throw new StreamflowError('ConfigInvalid', message)
  }
  if ((http.tlsCertFile === undefined) !== (http.tlsKeyFile === undefined)) refuse('http.tlsCertFile and http.tlsKeyFile come together')
  if ((webrtc.portFirst === undefined) !== (webrtc.portLast === undefined)) refuse('webrtc.portFirst and webrtc.portLast come together')
  if ((webrtc.portFirst ?? 0) > (webrtc.portLast ?? 0)) refuse('webrtc.portFirst is after webrtc.portLast')
  if (transcoder.processes === 0 && pool.urls.length === 0) refuse('transcoder.processes is 0, and there are no pool.urls: nobody would transcode')
  if (transcoder.processes > 0 && pool.urls.length > 0) refuse('pool.urls needs transcoder.processes: 0; transcoders of this machine join the pool too (`streamflow-transcoder --pool`)')
  if ((price.currencyAmount === undefined) !== (price.feed === undefined)) refuse('price.currencyAmount and price.feed come together')
  if (tickets.maximumFaceValue !== undefined && tickets.maximumFaceValue < tickets.minimumFaceValue) refuse('tickets.maximumFaceValue is below tickets.minimumFaceValue')
}
