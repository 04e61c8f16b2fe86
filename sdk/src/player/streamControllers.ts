/** hls.js's own parts that load media, which are not in its types: whoever touches them looks for each member first. */

import type Hls from 'hls.js'

/** Those that load pictures, sound and subtitles; none where hls.js keeps them elsewhere. */
export function listStreamControllers<Controller extends object>(hls: Hls): readonly Partial<Controller>[] {
  const { networkControllers } = hls as unknown as { readonly networkControllers?: unknown }
  return Array.isArray(networkControllers) ? (networkControllers as readonly Partial<Controller>[]) : []
}
