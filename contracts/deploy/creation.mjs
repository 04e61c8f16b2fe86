// What is sent to create a contract, and what code that leaves on chain.
import { encodeDeployData, getContractAddress } from 'viem'
import { readArtifact } from './artifacts.mjs'

/** An account that has sent nothing: what it would create first has a known address. */
const NOBODY = '0x00000000000000000000000000000000000c0de5'

/**
 * @param {{ create: string, args: (at: Record<string, string>) => unknown[] }} step
 * @param {Record<string, `0x${string}`>} at - addresses of proxies by name, of libraries by `library:NAME`
 * @returns {`0x${string}`} creation code, linked, with its constructor's arguments
 */
export function encodeCreation(step, at) {
  const { abi, bytecode, links } = readArtifact(step.create)
  return encodeDeployData({ abi, bytecode: link(bytecode, links, at), args: step.args(at) })
}

/** Libraries that a contract is linked with. */
export function librariesOf(contract) {
  return Object.keys(readArtifact(contract).links ?? {})
}

/**
 * Whether the code at an address is what `creation` leaves there. Constructors are run by the node itself, so that what they
 * put into the code is compared too; where a contract knows its own address, this one is meant.
 * @param {import('viem').PublicClient} client
 */
export async function hasCodeOf(client, address, creation) {
  const simulate = client.request({ method: 'eth_call', params: [{ from: NOBODY, data: creation }, 'latest'] })
  const [code, simulated] = await Promise.all([client.getCode({ address }), simulate])
  if (code === undefined) return false
  const own = getContractAddress({ from: NOBODY, nonce: 0n }).slice(2).toLowerCase()
  return simulated.toLowerCase().replaceAll(own, address.slice(2).toLowerCase()) === code.toLowerCase()
}

/** Writes the addresses of deployed libraries into bytecode, at the byte offsets that the artifact names. */
function link(bytecode, links = {}, at) {
  let linked = bytecode
  for (const [library, starts] of Object.entries(links)) {
    const address = at[`library:${library}`].slice(2).toLowerCase()
    for (const start of starts) {
      const from = 2 + 2 * start
      linked = linked.slice(0, from) + address + linked.slice(from + address.length)
    }
  }
  return linked
}
