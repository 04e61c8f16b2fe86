/** Whether an orchestrator of the exact service did what its receipt says: the work, done again. */

import { hashExactService, type ExactEncoder } from '@streamflow/sdk/payments'
import type { Evidence } from '@streamflow/sdk/protocol'
import type { FfmpegCommand } from '../ffmpegProcess.js'
import { transcodeExactly } from './transcodeExactly.js'

/** What the work is repeated with. */
export interface ExactJudgeOptions {
  readonly command: FfmpegCommand
  /** What this ffmpeg is, from `identifyExactEncoder`. */
  readonly encoder: ExactEncoder
}

/**
 * Judges one receipt by evidence that is of one piece. Sound is no part of the service, so it is not looked at.
 * @returns undefined if it is of another service than can be repeated here, or what comes out here is not the same twice
 * @throws {@link StreamflowError} `TranscodeFailed` if it cannot be repeated now
 */
export async function judgeExactly({ command, encoder }: ExactJudgeOptions, { receipt, header, segment, ladder, outputs }: Evidence): Promise<'guilty' | 'innocent' | undefined> {
  if (receipt.serviceId !== hashExactService(encoder)) return undefined
  const repeat = async (): Promise<readonly string[] | undefined> => {
    const result = await transcodeExactly(command, { header, segment, ladder })
    return 'refusal' in result ? undefined : result.map(({ hash }) => hash)
  }
  const first = await repeat()
  // A source that nothing can be made of proves nothing against whoever made something.
  if (first === undefined || isSame(first, outputs.slice(0, ladder.length).map(({ hash }) => hash))) return 'innocent'
  // It will cost somebody stake: a machine that errs once would say something else now.
  const second = await repeat()
  return second !== undefined && isSame(first, second) ? 'guilty' : undefined
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((hash, i) => hash === b[i])
}
