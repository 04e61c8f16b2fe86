// Without the optional peer: what a user is told.
import { broadcast } from '@streamflow/sdk/node'

try {
  await broadcast('film.mp4', { network: { chainId: 1, rpcUrls: ['http://127.0.0.1:9'], contracts: {} }, wallet: {}, budget: { spendCap: 1n } })
} catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }))
}
