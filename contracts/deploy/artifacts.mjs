// Reads the committed artifacts: ABI and bytecode of what a deployment creates.
import { readFileSync } from 'node:fs'

const cache = new Map()

/**
 * @param {string} name - contract name, e.g. 'TicketBroker'
 * @returns {{ abi: import('viem').Abi, bytecode: `0x${string}` }}
 */
export function readArtifact(name) {
  if (!cache.has(name)) {
    const url = new URL(`../artifacts/${name}.json`, import.meta.url)
    cache.set(name, JSON.parse(readFileSync(url, 'utf8')))
  }
  return cache.get(name)
}
