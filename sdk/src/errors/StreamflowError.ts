/** The one class of error that Streamflow throws. Test on `code`, never on `message` or `instanceof` across bundles. */

import { errorCodes, type ErrorCode, type Fault, type Remedy, type Retry } from './codes.js'

/** What an error may carry beside its code. */
export interface StreamflowErrorOptions {
  /** Data of this failure, by name (e.g. `{ limitBytes, gotBytes }`, `{ retryAfterMs }`, `{ quote }`). Never a secret. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
  /** What would help in this very case, in one sentence. @default the code's */
  readonly help?: string | undefined
}

/**
 * A failure with a stable code.
 *
 * @example
 * try { await broadcast(camera, options) } catch (error) {
 *   if (isStreamflowError(error) && error.code === 'LowPMBalance') askForFunds(error.help)
 * }
 */
export class StreamflowError extends Error {
  override readonly name = 'StreamflowError'
  readonly code: ErrorCode
  readonly data: Readonly<Record<string, unknown>>
  readonly #help: string | undefined

  /**
   * @param code - a code of `errorCodes`
   * @param message - what happened: expected, got, unit
   */
  constructor(code: ErrorCode, message: string, options: StreamflowErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.data = options.data ?? {}
    this.#help = options.help
  }

  /** Whether and when trying again makes sense. */
  get retry(): Retry {
    return errorCodes[this.code].retry
  }

  /** Who answers for it. */
  get fault(): Fault {
    return errorCodes[this.code].fault
  }

  /** What a broadcaster does when an orchestrator answers so. */
  get remedy(): Remedy {
    return errorCodes[this.code].remedy
  }

  /** What would help, in one sentence. */
  get help(): string {
    return this.#help ?? errorCodes[this.code].help
  }

  /** What a log or another process gets of it: amounts in `data` are decimal strings there, for JSON has no integers of their size. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, code, message, help, retry, data } = this
    const text = JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
    return { name, code, message, help, retry, data: JSON.parse(text) as unknown }
  }

  /** HTTP status of this failure. */
  get status(): number {
    return errorCodes[this.code].status
  }
}

/** Whether `value` is an error of Streamflow, also one made by another copy of this package. */
export function isStreamflowError(value: unknown): value is StreamflowError {
  return value instanceof Error && value.name === 'StreamflowError' && 'code' in value
}

/** Wraps anything thrown into a `StreamflowError`; what already is one passes unchanged. */
export function toStreamflowError(thrown: unknown, code: ErrorCode, message?: string): StreamflowError {
  if (isStreamflowError(thrown)) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return new StreamflowError(code, message === undefined ? text : `${message}: ${text}`, { cause: thrown })
}
