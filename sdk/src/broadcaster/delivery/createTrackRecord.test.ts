import { expect, it } from 'vitest'
import { createTrackRecord, type TrackRecord } from './createTrackRecord.js'

const countFailures = (record: TrackRecord): number => {
  let count = 0
  for (; !record.isPoor; count++) record.fail()
  return count
}

it('is poor after six failures in a row, or where half of everything fails, and not where a fifth does', () => {
  expect(countFailures(createTrackRecord())).toBe(6)
  const half = createTrackRecord()
  for (let i = 0; i < 40 && !half.isPoor; i++) {
    if (i % 2 === 0) half.succeed()
    else half.fail()
  }
  expect(half.isPoor).toBe(true)
  const fifth = createTrackRecord()
  for (let i = 0; i < 200; i++) {
    if (i % 5 === 0) fifth.fail()
    else fifth.succeed()
    expect(fifth.isPoor).toBe(false)
  }
})

it('forgets with time, and is more easily spoilt after a pardon', () => {
  const record = createTrackRecord()
  countFailures(record)
  record.pardon()
  expect(record.isPoor).toBe(false)
  expect(countFailures(record)).toBe(3)
  record.pardon()
  for (let i = 0; i < 60; i++) record.succeed()
  expect(countFailures(record)).toBe(6)
  const clean = createTrackRecord()
  clean.pardon()
  expect(clean.rate).toBe(1)
})
