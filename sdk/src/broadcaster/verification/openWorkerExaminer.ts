/** Looks at segments in a worker of the page, so that nothing that is drawn or captured waits for it. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { startWorker } from '../../units/startWorker.js'
import type { FromExaminer, ToExaminer } from './examinerMessages.js'
import type { Examiner } from './verifySegments.js'

/**
 * @param url - where the worker's code is served, for pages whose policy forbids `blob:` workers; by default it comes with this module
 * @throws {@link StreamflowError} `Unsupported` where a page cannot have workers, or decoders
 */
export async function openWorkerExaminer(url: string | URL | undefined): Promise<Examiner> {
  if (typeof Worker === 'undefined' || typeof VideoDecoder === 'undefined') throw new StreamflowError('Unsupported', 'this browser cannot look at segments: it has no WebCodecs', { data: { missing: 'VideoDecoder' } })
  const worker = await openWorker(url)
  let answer: ((message: FromExaminer) => void) | undefined
  worker.onmessage = ({ data }: MessageEvent<FromExaminer>) => answer?.(data)
  worker.onerror = (event) => {
    event.preventDefault()
    answer?.({ type: 'failed', code: 'Unsupported', message: `the verification's worker could not run (${event.message || "if the page's CSP forbids blob: workers, set verificationWorkerUrl"})` })
  }
  return {
    async examine(specimen) {
      const message = await new Promise<FromExaminer>((resolve) => {
        answer = resolve
        worker.postMessage({ specimen } satisfies ToExaminer)
      })
      if (message.type === 'failed') throw new StreamflowError(message.code, message.message)
      return message.examination
    },
    close() {
      worker.terminate()
      answer?.({ type: 'failed', code: 'Aborted', message: 'the verification is over' })
    },
  }
}

async function openWorker(url: string | URL | undefined): Promise<Worker> {
  const name = 'streamflow-verification'
  if (url !== undefined) return new Worker(url, { name })
  const { source } = await import('./examinerWorker.js?inline')
  return startWorker(source, name)
}
