/** A real chain with the real contracts, for tests. */

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deploy } from '@streamflow/contracts/deploy'
import { parseNetwork, type Network } from '../src/chain/network.js'
import { createRpc, type Rpc } from '../src/chain/rpc.js'

export interface Anvil {
  readonly network: Network
  readonly rpc: Rpc
  /** Moves the clock and initializes the round that it is then. */
  advance(seconds: number): Promise<void>
  close(): Promise<void>
}

/** Keys of anvil's first accounts, rich on that chain and worthless elsewhere. */
export const anvilKeys = ['0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'] as const

/** Starts a chain on a free port and deploys to it. */
export async function startAnvil(): Promise<Anvil> {
  const bin = join(dirname(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')), 'bin.mjs')
  const child = spawn(process.execPath, [bin, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const rpcUrl = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const match = /Listening on (\S+)/.exec(output)
      if (match) resolve(`http://${match[1]}`)
    })
    child.once('exit', () => reject(new Error(output)))
  })
  const directory = await mkdtemp(join(tmpdir(), 'streamflow-deployment-'))
  const { chainId, contracts } = (await deploy({ rpcUrl, deployer: anvilKeys[0], parameters: 'local', directory })) as { chainId: number; contracts: Record<string, string> }
  const rpc = createRpc([rpcUrl])
  return {
    network: parseNetwork(JSON.stringify({ chainId, rpcUrls: [rpcUrl], contracts })),
    rpc,
    async advance(seconds) {
      await rpc.request('evm_increaseTime', [seconds])
      await rpc.request('evm_mine', [])
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
      await rm(directory, { recursive: true })
    },
  }
}
