/** How hls.js is set up for a live stream of low latency. Each value that differs from its default has a reason. */

import type { HlsConfig, LoaderConfig, RetryConfig } from 'hls.js'

/** What is known only when a player starts. */
export interface HlsSettingsOptions {
  /** Milliseconds since the epoch until which a playlist that does not exist is asked for again. */
  readonly waitUntilMs: () => number
  /** Whether the stream is to be had elsewhere too: then a server that does not answer is not waited for. */
  readonly hasAlternatives: () => boolean
}

/** What a playlist that comes soon may answer until then. */
const notYetStatus: readonly unknown[] = [404, 425, 503]
/** What a server that is being started again answers: nothing, or its proxy for it. */
const unreachableStatus: readonly unknown[] = [0, 500, 502, 504]
const maxTimeToFirstByteMs = 10_000
/** Of a request that fails for another reason. */
const maxRetries = 6
const retryDelayMs = 200
const maxRetryDelayMs = 1000

/**
 * Computes the configuration. `liveSyncDuration` and its like are left alone: set, they would replace the stream's own
 * hold-back, which knows its parts.
 */
export function computeHlsSettings({ waitUntilMs, hasAlternatives }: HlsSettingsOptions): Partial<HlsConfig> {
  const getAwayStatus = (): readonly unknown[] => (hasAlternatives() ? [] : unreachableStatus)
  /** A stream that goes live is watched before its first playlist exists. */
  const getPlaylistStatus = (): readonly unknown[] => [...notYetStatus, ...getAwayStatus()]
  const waitOn =
    (getAwaited: () => readonly unknown[]): RetryConfig['shouldRetry'] =>
    (...[, retryCount, , response, isDefault]) =>
      getAwaited().includes(response?.code) ? Date.now() < waitUntilMs() : isDefault && retryCount < maxRetries
  const waiting = (shouldRetry: RetryConfig['shouldRetry']): { readonly default: LoaderConfig } => ({
    default: {
      maxTimeToFirstByteMs,
      maxLoadTimeMs: 20_000,
      timeoutRetry: { maxNumRetry: 3, retryDelayMs: 0, maxRetryDelayMs: 0 },
      // hls.js gives up at its own count without a word; `waitOn` decides before.
      errorRetry: { maxNumRetry: Number.MAX_SAFE_INTEGER, retryDelayMs, maxRetryDelayMs, backoff: 'linear', ...(shouldRetry && { shouldRetry }) },
    },
  })
  return {
    lowLatencyMode: true,
    // Its catching up needs more than a second of buffer, which at this latency is never there; see createLiveSync.
    maxLiveSyncPlaybackRate: 1,
    // The target ratchets up with each stall: a little, not by a second.
    liveSyncOnStallIncrease: 0.3,
    // Parts of 100 ms are found by their exact start.
    maxFragLookUpTolerance: 0.001,
    abrBandWidthUpFactor: 0.95,
    // No detour over the lowest quality to measure the network.
    testBandwidth: false,
    abrEwmaDefaultEstimate: 2_000_000,
    startFragPrefetch: true,
    backBufferLength: 8,
    liveDurationInfinity: true,
    capLevelToPlayerSize: false,
    preferManagedMediaSource: true,
    manifestLoadPolicy: waiting(waitOn(getPlaylistStatus)),
    playlistLoadPolicy: waiting(waitOn(getPlaylistStatus)),
    // A part that is gone will not come back; one that a restarting server cannot give now may.
    fragLoadPolicy: waiting(waitOn(getAwayStatus)),
  }
}
