/** What is measured of an honest rendition at a decent bitrate. */

import type { Metrics } from '../src/verification/measure.js'

export const measuredMetrics: Metrics = {
  pictures: 25,
  likeness: { luma: 0.5, worstLuma: 1.5, chroma: 0.5, worstChroma: 1.5, layout: 0.999, contrast: 40, sourceMotion: 8, drift: 4, motion: 0.99, motionGain: 0.98, repeated: 0 },
  similarity: { ssim: 0.95, worstTile: 0.8, psnr: 36, detail: 0.8, edges: 0.9, detailEnergy: 80 },
  bitsShare: 1,
  sound: { sourceLevel: -25, renditionLevel: -25, correlation: 0.97, seconds: 0.9 },
}
