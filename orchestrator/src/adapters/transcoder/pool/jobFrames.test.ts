import { describe, expect, test } from 'vitest'
import { JobFrames, maxFrameBytes, readJob, readNumber, windowBytes } from './jobFrames.js'

/** Both ends of a job, and what is on its way between them. */
function createEnds() {
  const toOrchestrator: Uint8Array[] = []
  const toTranscoder: Uint8Array[] = []
  const orchestrator = new JobFrames({ job: 7, end: 'orchestrator', publish: (frame) => void toTranscoder.push(frame) })
  const transcoder = new JobFrames({ job: 7, end: 'transcoder', publish: (frame) => void toOrchestrator.push(frame) })
  return { orchestrator, transcoder, toOrchestrator, toTranscoder }
}

const bytes = (length: number, seed = 1): Uint8Array => new Uint8Array(length).map((_, i) => (i * 31 + seed) & 255)

describe('frames of a job', () => {
  test.each([0, 1, maxFrameBytes - 9, maxFrameBytes - 8, 3 * maxFrameBytes])('carry a message of %i bytes, none larger than a bus likes', (length) => {
    const { orchestrator, transcoder, toTranscoder } = createEnds()
    const body = bytes(length)
    orchestrator.send([body.subarray(0, length >> 1), body.subarray(length >> 1)])
    const got = toTranscoder.map((frame) => transcoder.receive(frame))
    expect(got.slice(0, -1).every((each) => each === undefined)).toBe(true)
    expect(Buffer.compare(got.at(-1) ?? bytes(1), body)).toBe(0)
    for (const [i, frame] of toTranscoder.entries()) {
      expect(frame.length).toBeLessThanOrEqual(maxFrameBytes)
      expect([readJob(frame), readNumber(frame)]).toEqual([7, i])
    }
  })

  test('show that one was lost', () => {
    const { orchestrator, transcoder, toTranscoder } = createEnds()
    for (let i = 0; i < 3; i++) orchestrator.send([bytes(10, i)])
    const [first = bytes(0), , third = bytes(0)] = toTranscoder
    transcoder.receive(first)
    expect(() => transcoder.receive(third)).toThrow(expect.objectContaining({ code: 'TransportFailed' }) as Error)
  })

  test('of what was made wait for credit beyond the window, and all arrive', () => {
    const { orchestrator, transcoder, toOrchestrator, toTranscoder } = createEnds()
    const messages = Array.from({ length: 40 }, (_, i) => bytes(100_000, i))
    for (const message of messages) transcoder.send([message])
    const sum = (): number => toOrchestrator.reduce((total, { length }) => total + length, 0)
    expect(sum()).toBeGreaterThanOrEqual(windowBytes)
    expect(sum()).toBeLessThan(windowBytes + 2 * maxFrameBytes)
    const got: Uint8Array[] = []
    while (toOrchestrator.length > 0) {
      for (const frame of toOrchestrator.splice(0)) {
        const body = orchestrator.receive(frame)
        if (body !== undefined) got.push(body)
      }
      for (const frame of toTranscoder.splice(0)) transcoder.receive(frame)
    }
    expect(got.map((body, i) => Buffer.compare(body, messages[i] ?? bytes(0)))).toEqual(messages.map(() => 0))
  })

  test('end with a receiver that takes nothing', () => {
    const { transcoder } = createEnds()
    const message = bytes(100_000)
    const send = (): void => {
      for (let i = 0; i < 1_000; i++) transcoder.send([message])
    }
    expect(send).toThrow(expect.objectContaining({ code: 'TransportFailed' }) as Error)
  })

  test('of no kind, without an amount of credit, or too short are refused', () => {
    const { orchestrator } = createEnds()
    const frame = (kind: number, ...rest: number[]): Uint8Array => Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 0, kind, ...rest)
    expect(() => orchestrator.receive(frame(9))).toThrow(expect.objectContaining({ code: 'BadMessage' }) as Error)
    expect(() => createEnds().transcoder.receive(frame(2, 1))).toThrow(expect.objectContaining({ code: 'BadMessage' }) as Error)
    expect(readJob(Uint8Array.of(1, 2))).toBe(0)
  })
})
