/** The settings for people: help text, the example file, and a configuration with its secrets covered. */

import { entries, type Entry } from './entries.js'
import type { LoadedConfig } from './loadConfig.js'
import { createRedactor, listUrlSecrets } from './redaction.js'
import { groupDocs, type Config } from './settings.js'

/** The help of all flags, with variables and defaults. */
export function describeFlags(): string {
  const lines: string[] = []
  for (const group of Object.keys(groupDocs) as (keyof Config)[]) {
    lines.push('', `${groupDocs[group]}:`)
    for (const { flag, variable, setting } of entriesOf(group)) {
      const fallback = setting.fallback === undefined || setting.isSecret ? '' : ` [${setting.format(setting.fallback)}]`
      lines.push(flag === undefined ? `  (no flag: ${variable})` : `  --${flag} ${setting.hint}`, `        ${setting.doc}${fallback}`)
    }
  }
  return lines.slice(1).join('\n')
}

/** The text of `orchestrator.example.yml`: every setting, its default where it has one. */
export function renderExample(): string {
  const lines = [
    '# Configuration of streamflow-orchestrator. Generated from src/config/settings.ts: `streamflow-orchestrator config example`.',
    '# Flags win over environment variables, those over this file, and this file over the defaults, which are what is',
    '# written here. A line that begins with `#` has no default: its value is only an example.',
  ]
  for (const group of Object.keys(groupDocs) as (keyof Config)[]) {
    lines.push('', `# ${groupDocs[group]}`, `${group}:`)
    for (const { name, flag, variable, setting } of entriesOf(group)) {
      const names = flag === undefined ? variable : `--${flag}, ${variable}`
      const line = setting.fallback === undefined ? `# ${name}: ${setting.example ?? ''}` : `${name}: ${setting.format(setting.fallback)}`
      lines.push(`  # ${setting.doc}.`, `  # ${names}`, `  ${line}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** One setting as it stands. */
export interface DescribedSetting {
  /** e.g. `http.publicUrl` */
  readonly path: string
  /** Its value for people; a secret is covered. */
  readonly shown: string
  readonly source: string | undefined
}

/** A configuration with where each value came from; secrets are covered. */
export function describeConfig({ config, sources }: LoadedConfig): readonly DescribedSetting[] {
  const { network, webrtc } = config
  const redact = createRedactor([...network.rpcUrls, ...webrtc.iceServers].flatMap(listUrlSecrets))
  return entries.map(({ group, name, path, setting }) => {
    const value = (config as unknown as Record<string, Record<string, unknown>>)[group]?.[name]
    return { path, shown: value === undefined ? '(none)' : setting.isSecret ? '(set)' : redact(setting.format(value)), source: sources[path] }
  })
}

function entriesOf(group: string): readonly Entry[] {
  return entries.filter((entry) => entry.group === group)
}
