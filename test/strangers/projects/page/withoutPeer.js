// Without the optional peer: what a user is told.
import { broadcast } from '@streamflow/sdk/node'

const address = `0x${'1'.repeat(40)}`
const network = { chainId: 1, rpcUrls: ['http://127.0.0.1:9'], contracts: { ticketBroker: address, serviceRegistry: address, rounds: address, staking: address, token: address } }
try {
  await broadcast('film.mp4', { network, wallet: {}, budget: { spendCap: 1n } })
} catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }))
}
