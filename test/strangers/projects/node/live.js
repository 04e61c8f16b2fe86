// Goes live from Node: a film, an account, and the description of the network. Prints what it saw after three segments.
import { readFile } from 'node:fs/promises'
import { broadcast, parseNetwork } from '@streamflow/sdk/node'
import { privateKeyToAccount } from 'viem/accounts'

const [networkFile, film, key] = process.argv.slice(2)
const network = parseNetwork(await readFile(networkFile, 'utf8'))
const live = await broadcast(film, { network, wallet: privateKeyToAccount(key), budget: { spendCap: 10n ** 16n }, pace: 'realtime', loop: true })
live.on('error', (error) => {
  console.error(`${error.code}: ${error.message}`)
  process.exit(1)
})
let settled = 0
live.on('segment', async () => {
  settled += 1
  if (settled !== 3) return
  const playlist = await (await fetch(live.playbackUrl)).text()
  await live.stop()
  console.log(JSON.stringify({ settled, playlist }))
  process.exit(0) // WebRTC keeps threads that would hold the process
})
