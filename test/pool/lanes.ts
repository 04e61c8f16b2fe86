// What the processes of the pool's bench tell each other, and the socket that stands for data channels between them: one
// stream is one lane, a frame is the lane (4 bytes) and a message of the stream's protocol.
import type { Socket } from 'node:net'
import type { InputFormat, Ladder } from '@streamflow/sdk/media'
import type { SignedQuote } from '@streamflow/sdk/payments'
import { FrameReader, writeFrame } from '../../orchestrator/src/transcoding/frames.js'

/** A picture each 40 ms; of it, what a phone would send of a talking head. */
export const frameRate = 25
export const input: InputFormat = { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate } }
export const ladder: Ladder = [
  { name: '360p', width: 640, height: 360, bitrate: 800_000 },
  { name: '180p', width: 320, height: 180, bitrate: 250_000 },
]
export const segmentMs = 1_000

/** A broadcaster as the process that plays it must know it. */
export interface LaneTerms {
  readonly lane: number
  readonly streamId: `0x${string}`
  readonly recipient: `0x${string}`
  readonly walletKey: Uint8Array
  readonly sessionKey: Uint8Array
  readonly validUntil: number
  readonly quote: SignedQuote
}

/** What a process that is measured says of itself. */
export interface OrchestratorReport {
  readonly cpuMs: number
  readonly rssKiB: number
  readonly loopDelayP99Ms: number
  readonly offeredPixelsPerSecond: number
  readonly observed: Readonly<Record<string, number>>
  /** Of each stream that got another transcoder since the mark: until its next part was published, milliseconds. */
  readonly rehomedMs: readonly number[]
}

export interface LoadReport {
  readonly cpuMs: number
  readonly receipts: number
  /** Receipts that came a segment's length or more after its end, or not at all. */
  readonly late: number
  readonly refusals: Readonly<Record<string, number>>
  readonly receiptP50Ms: number
  readonly receiptP99Ms: number
}

/** Sends a message on a lane. */
export function sendOnLane(socket: Socket, lane: number, message: Uint8Array): void {
  const head = Buffer.allocUnsafe(4)
  head.writeUInt32BE(lane)
  writeFrame(socket, [head, message])
}

/** Calls with each message that comes. */
export function readLanes(socket: Socket, take: (lane: number, message: Uint8Array) => void): void {
  const frames = new FrameReader()
  socket.on('data', (bytes: Buffer) => {
    for (const body of frames.read(bytes)) take(Buffer.from(body.buffer, body.byteOffset, 4).readUInt32BE(0), body.subarray(4))
  })
}

/** Processor time of this process, milliseconds. */
export function readCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
