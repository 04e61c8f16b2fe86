import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrchestratorMessage } from '@streamflow/sdk/protocol'
import { ReplyOrder, type Reply } from './replyOrder.js'

const accepted = (seq: number): OrchestratorMessage => ({ type: 'accepted', seq, attempt: 0, balance: 0n })

describe('replies that state a balance', () => {
  it('leave in the order in which the account changed, in whatever order they get ready, without those given up', () => {
    const steps = fc.array(fc.record({ delay: fc.integer({ min: 0, max: 9 }), isGivenUp: fc.boolean() }), { maxLength: 20 })
    fc.assert(
      fc.property(steps, (plan) => {
        const sent: OrchestratorMessage[] = []
        const order = new ReplyOrder((message) => sent.push(message))
        const replies = plan.map(({ delay, isGivenUp }, seq): { at: number; seq: number; isGivenUp: boolean; reply: Reply } => ({ at: delay, seq, isGivenUp, reply: order.reserve() }))
        for (const { seq, isGivenUp, reply } of [...replies].sort((a, b) => a.at - b.at)) reply(isGivenUp ? undefined : accepted(seq))
        expect(sent).toEqual(replies.filter(({ isGivenUp }) => !isGivenUp).map(({ seq }) => accepted(seq)))
      }),
    )
  })

  it('say each thing once', () => {
    const sent: OrchestratorMessage[] = []
    const order = new ReplyOrder((message) => sent.push(message))
    const reply = order.reserve()
    reply(accepted(1))
    reply(accepted(2))
    expect(sent).toEqual([accepted(1)])
  })
})
