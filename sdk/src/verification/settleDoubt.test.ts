import { expect, it } from 'vitest'
import type { Examination, Metrics } from './examine.js'
import type { FaultKind } from './faults.js'
import { settleDoubt } from './settleDoubt.js'

const found = (outcome: Examination['outcome'], similarity: { readonly edges: number; readonly psnr: number }, ...kinds: readonly FaultKind[]): Examination => ({
  outcome, faults: kinds.map((kind) => ({ kind, text: kind })), metrics: { similarity } as unknown as Metrics,
})
const good = { edges: 0.9, psnr: 38 }

it('what our own rendition is as bad at is no fault', () => expect(settleDoubt(found('doubtful', { edges: 0.4, psnr: 24 }, 'quality'), found('doubtful', { edges: 0.42, psnr: 24 }, 'quality'))).toMatchObject({ outcome: 'passed', faults: [] }))

it('what ours is much better at is one', () => expect(settleDoubt(found('doubtful', { edges: 0.4, psnr: 31 }, 'quality'), found('passed', good))).toMatchObject({ outcome: 'failed', faults: [{ kind: 'quality' }] }))

it('what ours is hardly better at is none', () => expect(settleDoubt(found('doubtful', { edges: 0.7, psnr: 36 }, 'quality'), found('passed', good))).toMatchObject({ outcome: 'passed' }))

it('doubt of another kind stays where ours gives no reason for it', () => expect(settleDoubt(found('doubtful', good, 'motion'), found('passed', good))).toMatchObject({ outcome: 'doubtful', faults: [{ kind: 'motion' }] }))
