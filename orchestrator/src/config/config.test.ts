import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { describeConfig, describeFlags, renderExample } from './describeConfig.js'
import { entries } from './entries.js'
import { loadConfig } from './loadConfig.js'

const nothing = { flags: {}, environment: {} }
const refusal = (message: RegExp) => expect.objectContaining({ code: 'ConfigInvalid', message: expect.stringMatching(message) as string }) as Error
/** A value of each setting that is not its default, as YAML. */
const uncommented = renderExample().replaceAll(/^ {2}# (\w+: .+)$/gm, '  $1')

describe('the table of settings', () => {
  it('gives the same defaults as the example file, in which every setting stands', () => {
    expect(loadConfig({ ...nothing, yaml: renderExample() }).config).toEqual(loadConfig(nothing).config)
    for (const { name, flag, variable } of entries) {
      expect(renderExample()).toMatch(new RegExp(`^ {2}(# )?${name}: `, 'm'))
      expect(renderExample()).toContain(flag === undefined ? variable : `--${flag}, ${variable}`)
    }
  })

  it('is what orchestrator.example.yml was generated from', () => {
    expect(readFileSync(fileURLToPath(new URL('../../orchestrator.example.yml', import.meta.url)), 'utf8')).toBe(renderExample())
  })

  it('names every flag in the help, and no secret', () => {
    const help = describeFlags()
    for (const { flag, setting } of entries) {
      if (flag !== undefined) expect(help).toContain(`--${flag} ${setting.hint}`)
      expect(flag === undefined).toBe(setting.isSecret)
    }
  })

  it('reads the examples of settings without default', () => {
    const { config, sources } = loadConfig({ ...nothing, yaml: uncommented })
    for (const { path } of entries) expect(sources[path]).toBe('file')
    expect(config.http.publicUrl).toBe('https://orchestrator.example.org')
    expect(config.tickets.maximumFaceValue).toBe(100_000_000_000_000_000n)
  })

  it('reads the same values alike from the file, from variables and from flags', () => {
    const written = Object.fromEntries(
      entries.map(({ path, group, name }) => {
        const line = new RegExp(`^ {2}${name}: (.*)$`, 'm').exec(uncommented.slice(uncommented.indexOf(`\n${group}:`)))?.[1] ?? ''
        // Lists are written with commas, texts without quotes.
        return [path, line.replaceAll(/["[\]]/g, '')]
      }),
    )
    const fromFile = loadConfig({ ...nothing, yaml: uncommented })
    const environment = Object.fromEntries(entries.map(({ path, variable }) => [variable, written[path]]))
    const fromEnvironment = loadConfig({ flags: {}, environment })
    const flags = Object.fromEntries(entries.flatMap(({ path, flag }) => (flag === undefined ? [] : [[flag, written[path]]])))
    // Secrets have no flag.
    const secrets = Object.fromEntries(entries.flatMap(({ path, flag, variable }) => (flag === undefined ? [[variable, written[path]]] : [])))
    const fromFlags = loadConfig({ flags, environment: secrets })
    expect(fromEnvironment.config).toEqual(fromFile.config)
    expect(fromFlags.config).toEqual(fromFile.config)
    expect(fromEnvironment.warnings).toEqual([])
  })
})

describe('configuration', () => {
  it('takes flags before environment before file before defaults, and knows which', () => {
    const yaml = 'http:\n  port: 1\n  host: a\n'
    const { config, sources } = loadConfig({ flags: { 'http-port': '3' }, environment: { STREAMFLOW_HTTP_PORT: '2', STREAMFLOW_HTTP_HOST: 'b' }, yaml })
    expect(config.http).toMatchObject({ port: 3, host: 'b', maxConnections: 10_000 })
    expect(sources).toMatchObject({ 'http.port': 'flag', 'http.host': 'environment', 'http.maxConnections': 'default' })
  })

  it.each([
    ['http:\n  prot: 1', /http\.prot is not a setting.*http\.port/],
    ['web:\n  port: 1', /web is not a setting/],
    ['http:\n  port: many', /http\.port: expected a whole number/],
    ['http:\n  port: 1.5', /http\.port/],
    ['http:\n  port: 70000', /0…65535/],
    ['http:\n  publicUrl: example.org', /http\.publicUrl: expected an http\(s\) URL/],
    ['log:\n  level: loud', /trace \| debug/],
    ['redemption:\n  enabled: "yes"', /true or false/],
    ['price:\n  perMillionPixels: 1.5', /wei/],
    ['price:\n  perMillionPixels: 100000000000000000000', /quoted/],
    ['http:\n  tlsCertFile: a.pem', /come together/],
    ['webrtc:\n  portFirst: 5\n  portLast: 4', /portFirst is after/],
    ['http: [1]', /expected names and values/],
    ['- a', /expected names and values/],
    ['a: b: c', /not YAML/],
    ['http:\n  port: 1\n  port: 2', /not YAML/],
    [`# ${'x'.repeat(300_000)}`, /exceeds/],
  ])('is refused with the name of the setting: %s', (yaml, message) => {
    expect(() => loadConfig({ ...nothing, yaml })).toThrow(refusal(message))
  })

  it('names the flag or the variable that is wrong', () => {
    expect(() => loadConfig({ ...nothing, flags: { 'http-port': 'x' } })).toThrow(refusal(/^--http-port: /))
    expect(() => loadConfig({ ...nothing, environment: { STREAMFLOW_HTTP_PORT: '-1' } })).toThrow(refusal(/^STREAMFLOW_HTTP_PORT: /))
  })

  it('warns of variables that look like settings', () => {
    expect(loadConfig({ ...nothing, environment: { STREAMFLOW_HTTP_PROT: '1', STREAMFLOW_CONFIG: 'x', PATH: '/' } }).warnings).toEqual(['the variable STREAMFLOW_HTTP_PROT is not a setting'])
  })

  it('is shown without its secrets', () => {
    const shown = describeConfig(loadConfig({ ...nothing, environment: { STREAMFLOW_KEY_PASSWORD: 'hunter2' } }))
    expect(JSON.stringify(shown)).not.toContain('hunter2')
    expect(shown).toContainEqual({ path: 'key.password', shown: '(set)', source: 'environment' })
    const keyed = JSON.stringify(describeConfig(loadConfig({ ...nothing, flags: { 'network-rpc-urls': 'https://a:open-sesame@rpc.example.org/v3/project' } })))
    expect(keyed).toContain('rpc.example.org')
    expect(keyed).not.toMatch(/open-sesame|project/)
    expect(shown).toContainEqual({ path: 'http.port', shown: '8935', source: 'default' })
  })
})
