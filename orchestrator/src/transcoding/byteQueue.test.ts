import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteQueue } from './byteQueue.js'

test('gives back what went in, in any cut, with peeks that remove nothing', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.nat({ max: 30 })), (pieces, takes) => {
    const queue = new ByteQueue()
    for (const piece of pieces) queue.push(piece)
    const whole = Buffer.concat(pieces)
    expect(queue.length).toBe(whole.length)
    let offset = 0
    for (const wanted of takes) {
      const count = Math.min(wanted, queue.length)
      const peeked = Buffer.from(queue.peek(count))
      expect(Buffer.from(queue.take(count))).toEqual(peeked)
      expect(peeked).toEqual(whole.subarray(offset, offset + count))
      offset += count
    }
    expect(queue.length).toBe(whole.length - offset)
  }))
})

test('does not copy what lies in one piece', () => {
  const queue = new ByteQueue()
  const piece = Uint8Array.of(1, 2, 3)
  queue.push(piece)
  expect(queue.take(2).buffer).toBe(piece.buffer)
})

test('refuses to give more than it has, and is empty after clear', () => {
  const queue = new ByteQueue()
  queue.push(Uint8Array.of(1))
  expect(() => queue.take(2)).toThrow(RangeError)
  queue.clear()
  expect(queue.length).toBe(0)
})
