/** What a page and its examiner's worker say to each other. */

import type { ErrorCode } from '../../errors/codes.js'
import type { Examination, Specimen } from '../../verification/examine.js'

/** Page → worker: one segment at a time. */
export interface ToExaminer {
  readonly specimen: Specimen
}

/** Worker → page. */
export type FromExaminer =
  | { readonly type: 'examined'; readonly examination: Examination }
  /** It could not look. */
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }
