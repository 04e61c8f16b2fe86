// A fork of a chain, for as long as something is tried on it: nothing of that reaches the chain.
import { spawn } from 'node:child_process'
import { createPublicClient, createTestClient, http, publicActions, walletActions } from 'viem'
import { toolPath } from '../scripts/forge.mjs'

const LISTENING = /Listening on (\S+)/

/**
 * @template T
 * @param {string} forkUrl - HTTP RPC of the chain
 * @param {(rpcUrl: string) => Promise<T>} attempt - what is tried; the fork ends with it
 * @returns {Promise<T>}
 */
export async function tryOnFork(forkUrl, attempt) {
  const child = spawn(toolPath('anvil'), ['--fork-url', forkUrl, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const rpcUrl = await new Promise((resolve, reject) => {
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (more) => {
        text += more
        const [, address] = LISTENING.exec(text) ?? []
        if (address !== undefined) resolve(`http://${address}`)
      })
      child.once('exit', () => reject(new Error('anvil ended before it listened')))
    })
    await createPublicClient({ transport: http(rpcUrl) }).getChainId()
    return await attempt(rpcUrl)
  } finally {
    child.kill()
  }
}

/** Whoever has a fork may do everything on it. */
export function controlFork(rpcUrl, chain) {
  return createTestClient({ mode: 'anvil', chain, transport: http(rpcUrl), pollingInterval: 50 }).extend(publicActions).extend(walletActions)
}
