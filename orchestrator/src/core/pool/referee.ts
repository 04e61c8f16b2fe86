/** What transcoders of a public pool are held to; declared for whoever gives them streams. */

import type { RenditionInit, RenditionPart, TranscodeJob } from '../transcoding.js'
import type { Output } from './result.js'

type Hex = `0x${string}`

/** What a member says that it made. */
export interface ClaimedResult {
  readonly seq: number
  readonly outputs: readonly Output[]
  readonly pixels: bigint
  /** 64 bytes, by its key. */
  readonly signature: Hex
}

/** Looks over a member's shoulder while it makes one stream. What goes in and comes out is told in the order in which it does. */
export interface Watch {
  header(bytes: Uint8Array): void
  /** @returns whether the member may have this segment; if not, the stream is to go elsewhere */
  openSegment(segment: { readonly seq: number; readonly startUs: number }): boolean
  write(chunk: Uint8Array): void
  closeSegment(segment: { readonly seq: number; readonly durationUs: number; readonly frames: number }): void
  init(init: RenditionInit): void
  part(part: RenditionPart): void
  result(claimed: ClaimedResult): void
  /** Nothing more comes of it. */
  end(): void
}

/** Judges members. */
export interface Referee {
  /** Sees to it that a member's account is at hand. @param payTo - as it says now */
  meet(member: string, payTo: Hex): void
  /** Output pixels per second that it may be given; 0 if it may have no stream, or its account is not at hand. */
  computeRate(member: string): number
  /** @param onUnfit - told when the member is to have nothing any more */
  watch(member: string, job: TranscodeJob, onUnfit: () => void): Watch
}
