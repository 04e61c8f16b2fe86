/** The examiner's worker: takes specimens, decodes them with WebCodecs, answers with what it measured. */

import { toStreamflowError } from '../../errors/StreamflowError.js'
import { examine } from '../../verification/examine.js'
import { createWebDecoder } from './createWebDecoder.js'
import { encodeWebReference } from './encodeWebReference.js'
import type { FromExaminer, ToExaminer } from './examinerMessages.js'

/** The part of a dedicated worker's scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { readonly data: ToExaminer }) => void) | null
  postMessage(message: FromExaminer): void
}

const scope = globalThis as unknown as WorkerScope
const decoder = createWebDecoder()

scope.onmessage = ({ data }) => {
  examine(data.specimen, decoder, encodeWebReference).then(
    (examination) => scope.postMessage({ type: 'examined', examination }),
    (thrown: unknown) => {
      const { code, message } = toStreamflowError(thrown, 'Internal')
      scope.postMessage({ type: 'failed', code, message })
    },
  )
}
