// An empty chain for tests of deployments.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createPublicClient, createTestClient, http, publicActions, walletActions } from 'viem'
import { foundry } from 'viem/chains'
import { toolPath } from '../../scripts/forge.mjs'

const START_TIMEOUT_MS = 15_000

/** Starts anvil on a free port; `close` ends it. */
export async function startAnvil() {
  const port = await freePort()
  const child = spawn(toolPath('anvil'), ['--port', String(port), '--silent'])
  const rpcUrl = `http://127.0.0.1:${port}`
  const client = createPublicClient({ transport: http(rpcUrl, { retryCount: 0 }) })
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await client.getChainId().catch(() => undefined))) {
    if (Date.now() > deadline) throw new Error('anvil did not answer')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const control = createTestClient({ chain: foundry, mode: 'anvil', transport: http(rpcUrl) }).extend(publicActions).extend(walletActions)
  return { rpcUrl, client, control, close: () => void child.kill() }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
