import { expect, it } from 'vitest'
import { createReputation, type ReputationRecord } from '../../market/createReputation.js'
import { createSuspicions } from './createSuspicions.js'

const [first, second] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`] as const
const secondsApart = 20

/** A broadcast that begins with what those before it left. */
function begin(records: Map<string, ReputationRecord>) {
  const reputation = createReputation({ records: [...records.values()], now: () => 1e12, save: (record) => void records.set(record.orchestrator, record) })
  const { add } = createSuspicions(reputation)
  let us = 0
  return { reputation, look: (orchestrator: typeof first | typeof second, isDoubtful: boolean) => add(orchestrator, (us += secondsApart * 1e6), { quality: isDoubtful }) }
}

it('doubt goes on where the broadcast before ended, each orchestrator for itself, and is counted anew once it was too much', () => {
  const records = new Map<string, ReputationRecord>()
  const before = begin(records)
  for (let look = 0; look < 4; look++) expect([before.look(first, true), before.look(second, false)]).toEqual([undefined, undefined])
  const after = begin(records)
  expect([after.look(first, true), after.look(first, true), after.look(second, true)]).toEqual([undefined, undefined, undefined])
  expect(after.look(first, true)).toEqual({ kind: 'quality', looks: 7 })
  expect(after.reputation.readSuspicions(first)).toEqual({})
  expect(after.look(first, true)).toBeUndefined()
})

it('looks that lie close together count once, and a look that can tell nothing not at all', () => {
  const reputation = createReputation({ now: () => 1e12 })
  const { add } = createSuspicions(reputation)
  for (let second = 0; second < 10; second++) add(first, second * 1e6, { quality: true })
  expect(reputation.readSuspicions(first).quality?.looks).toBe(1)
  add(first, 30e6, {})
  add(first, 31e6, { quality: false, 'sound-other': true })
  expect(reputation.readSuspicions(first)).toMatchObject({ quality: { looks: 2 }, 'sound-other': { looks: 1 } })
})
