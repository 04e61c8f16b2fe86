/** One setting: what it is good for, how it is written in flags and environment, in YAML, and what it is by default. */

import { StreamflowError } from '@streamflow/sdk/errors'

/** A setting of type `T`. A missing one has its `fallback`. */
export interface Setting<T> {
  /** For people: what it is, unit, range. Starts the line in help and example file. */
  readonly doc: string
  /** What a value looks like, e.g. `<ms>`. */
  readonly hint: string
  readonly fallback: T
  /** Shown in the example file where there is no fallback. */
  readonly example: string | undefined
  /** Never shown; not accepted as a flag, which every user of the machine could read. */
  readonly isSecret: boolean
  /** Reads what a flag or a variable says. @throws {@link StreamflowError} `ConfigInvalid` */
  parse(text: string): T
  /** Reads what a YAML file says. @throws {@link StreamflowError} `ConfigInvalid` */
  read(value: unknown): T
  /** As a YAML scalar or list. */
  format(value: T): string
}

/** The type of a setting's value. */
export type ValueOf<S> = S extends Setting<infer T> ? T : never

interface Common {
  readonly doc: string
  readonly example?: string
}

function refuse(expected: string, got: unknown): never {
  throw new StreamflowError('ConfigInvalid', `expected ${expected}, got ${JSON.stringify(got)}`)
}

function quote(text: string): string {
  return /^[A-Za-z0-9./_-]+$/.test(text) && !/^(true|false|null|yes|no|on|off|[0-9.-]+)$/i.test(text) ? text : JSON.stringify(text)
}

interface TextOptions extends Common {
  readonly hint?: string
  readonly isSecret?: boolean
  readonly pattern?: RegExp
  /** What `pattern` asks for, in words. */
  readonly expected?: string
}

const maxTextLength = 4_096

function createText({ pattern, expected = 'text' }: TextOptions): (value: unknown) => string {
  return (value) => (typeof value === 'string' && value.length > 0 && value.length <= maxTextLength && (pattern?.test(value) ?? true) ? value : refuse(expected, value))
}

/** Text with a default. */
export function text(options: TextOptions & { readonly fallback: string }): Setting<string> {
  const read = createText(options)
  const { doc, hint = '<text>', isSecret = false, fallback, example } = options
  return { doc, hint, isSecret, fallback, example, parse: read, read, format: quote }
}

/** Text that may be left out. */
export function optionalText(options: TextOptions): Setting<string | undefined> {
  const read = createText(options)
  const { doc, hint = '<text>', isSecret = false, example } = options
  return { doc, hint, isSecret, fallback: undefined, example, parse: read, read, format: (value) => quote(value ?? '') }
}

/** One of a few words. */
export function choice<const W extends string>(options: Common & { readonly words: readonly W[]; readonly fallback: W }): Setting<W> {
  const { doc, words, fallback, example } = options
  const read = (value: unknown): W => words.find((word) => word === value) ?? refuse(words.join(' | '), value)
  return { doc, hint: `<${words.join('|')}>`, isSecret: false, fallback, example, parse: read, read, format: (value) => value }
}

interface NumberOptions extends Common {
  readonly min: number
  readonly max: number
  readonly hint?: string
}

function createInteger({ min, max }: NumberOptions): (value: unknown) => number {
  return (value) => (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : refuse(`a whole number ${min}…${max}`, value))
}

function parseInteger(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

/** A whole number with a default. */
export function integer(options: NumberOptions & { readonly fallback: number }): Setting<number> {
  const read = createInteger(options)
  const { doc, hint = '<number>', fallback, example } = options
  return { doc, hint, isSecret: false, fallback, example, parse: (text) => read(parseInteger(text)), read, format: String }
}

/** A whole number that may be left out. */
export function optionalInteger(options: NumberOptions): Setting<number | undefined> {
  const read = createInteger(options)
  const { doc, hint = '<number>', example } = options
  return { doc, hint, isSecret: false, fallback: undefined, example, parse: (text) => read(parseInteger(text)), read, format: String }
}

/** Wei, below 2^128; YAML numbers must be quoted where they exceed 2^53. */
const readWei = (value: unknown): bigint => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'string' && /^\d{1,38}$/.test(value)) return BigInt(value)
  return refuse('wei as a whole number (quoted if it exceeds 2^53)', value)
}

function formatWei(value: bigint | undefined): string {
  return value !== undefined && value > BigInt(Number.MAX_SAFE_INTEGER) ? `"${value}"` : String(value)
}

/** An amount with a default. */
export function wei(options: Common & { readonly fallback: bigint }): Setting<bigint> {
  const { doc, fallback, example } = options
  return { doc, hint: '<wei>', isSecret: false, fallback, example, parse: readWei, read: readWei, format: formatWei }
}

/** An amount that may be left out. */
export function optionalWei(options: Common): Setting<bigint | undefined> {
  const { doc, example } = options
  return { doc, hint: '<wei>', isSecret: false, fallback: undefined, example, parse: readWei, read: readWei, format: formatWei }
}

/** Yes or no. */
export function flag(options: Common & { readonly fallback: boolean }): Setting<boolean> {
  const { doc, fallback, example } = options
  const read = (value: unknown): boolean => (typeof value === 'boolean' ? value : refuse('true or false', value))
  return { doc, hint: '<true|false>', isSecret: false, fallback, example, parse: (text) => read(text === 'true' ? true : text === 'false' ? false : text), read, format: String }
}

const maxItems = 64

/** A list of words; in flags and variables separated by commas. */
export function list(options: Common & { readonly fallback: readonly string[]; readonly pattern?: RegExp; readonly expected?: string; readonly hint?: string }): Setting<readonly string[]> {
  const { doc, fallback, example, pattern, expected = 'text', hint = '<a,b,…>' } = options
  const readItem = createText({ doc, ...(pattern && { pattern }), expected })
  const read = (value: unknown): readonly string[] => (Array.isArray(value) && value.length <= maxItems ? value.map(readItem) : refuse(`a list of at most ${maxItems}`, value))
  const parse = (text: string): readonly string[] => read(text === '' ? [] : text.split(',').map((item) => item.trim()))
  return { doc, hint, isSecret: false, fallback, example, parse, read, format: (value) => `[${value.map(quote).join(', ')}]` }
}
