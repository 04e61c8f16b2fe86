// Events of a deployment over its whole life. Endpoints bound how many blocks or events they answer for at once, and each has
// bounds of its own: a range that is refused is asked for in halves.

/** Ranges no longer than this are not refused for their length. */
const SHORTEST = 64n

/**
 * @param {import('viem').PublicClient} client
 * @param {{ address: `0x${string}` | `0x${string}`[], events?: import('viem').AbiEvent[], fromBlock: bigint, toBlock?: bigint }} query
 * @returns {Promise<any[]>} the oldest first
 */
export async function readLogs(client, { toBlock, ...query }) {
  return readRange(client, { ...query, toBlock: toBlock ?? (await client.getBlockNumber()) })
}

async function readRange(client, query) {
  const { fromBlock, toBlock } = query
  try {
    return await client.getLogs({ ...query, ...(query.events && { strict: true }) })
  } catch (refused) {
    if (toBlock - fromBlock <= SHORTEST) throw refused
    const middle = (fromBlock + toBlock) / 2n
    const older = await readRange(client, { ...query, toBlock: middle })
    return [...older, ...(await readRange(client, { ...query, fromBlock: middle + 1n }))]
  }
}
