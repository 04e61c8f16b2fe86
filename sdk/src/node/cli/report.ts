/** What a command found or did: a sentence for people, or one line of JSON for programs. */

import { stringify } from '../../protocol/message.js'

/** How it is to be shown. */
export interface ReportOptions {
  readonly isJson: boolean
  readonly print: (line: string) => void
  /** For people. */
  readonly sentence: string
}

/** Prints one or the other; amounts are decimal strings in JSON. */
export function report(facts: Readonly<Record<string, unknown>>, { isJson, print, sentence }: ReportOptions): void {
  print(isJson ? stringify(facts) : sentence)
}
