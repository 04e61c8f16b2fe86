import type { PageBroadcast, Streamflow } from '@streamflow/sdk'

/** Asks the market without paying anybody. */
export async function look(streamflow: Streamflow): Promise<number> {
  // #region discover
  const { offers, refused } = await streamflow.discover({ region: 'local', maxPricePerMillionPixels: 500_000_000n })
  for (const { uri, quote, responseTimeMs } of offers) console.log(`${uri}: ${quote.pricePerMillionPixels} wei, ${responseTimeMs.toFixed(0)} ms`)
  for (const { uri, error } of refused) console.log(`${uri}: ${error.code}, ${error.help}`)
  // #endregion discover
  return offers.length
}

/** Filters, preferences, standbys. */
export async function choose(streamflow: Streamflow, camera: MediaStream, own: `0x${string}`): Promise<PageBroadcast> {
  // #region choose
  const live = await streamflow.broadcast(camera, {
    budget: { spendCap: '0.05' },
    orchestrators: { prefer: [[own]], maxPriceOverMedian: 2 }, // yours first, the market for what is over
    standby: 2, // who goes on when the first falls silent
  })
  for (const { uri, state, reasons } of live.explain()) console.log(`${uri} ${state}: ${reasons.join(', ')}`)
  live.on('orchestrator', ({ uri }) => console.log(`now at ${uri}`))
  live.on('left', ({ orchestrator, reason }) => console.log(`left ${orchestrator}: ${reason.code}`))
  // #endregion choose
  return live
}

/** A page that keeps the market fresh, so that going live asks nobody. */
export async function prepare(streamflow: Streamflow, camera: MediaStream): Promise<PageBroadcast> {
  // #region feed
  const feed = await streamflow.createFeed()
  await feed.ready
  const live = await streamflow.broadcast(camera, { budget: { spendCap: '0.05' }, feed })
  // #endregion feed
  return live
}
