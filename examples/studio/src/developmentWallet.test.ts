import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Network } from '@streamflow/sdk/chain'
import { createDevelopmentWallet, localChainId } from './developmentWallet.js'

const key = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
const address = '0x1111111111111111111111111111111111111111'
const contracts: Network['contracts'] = { ticketBroker: address, serviceRegistry: address, rounds: address, staking: address, token: address }
const servers: Server[] = []

/** A node of a chain that answers with this chain id. @returns its URL */
async function startNode(chainId: number): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { id } = JSON.parse(body) as { id: number }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result: `0x${chainId.toString(16)}` }))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

describe('the development wallet', () => {
  it('exists on the local chain', async () => {
    const wallet = await createDevelopmentWallet({ chainId: localChainId, rpcUrls: [await startNode(localChainId)], contracts }, key)
    expect(wallet.account.address).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
  })

  it.each([1, 10, 11_155_111, 31_338])('is refused on chain %i', async (chainId) => {
    await expect(createDevelopmentWallet({ chainId, rpcUrls: [await startNode(chainId)], contracts }, key)).rejects.toMatchObject({ code: 'WrongChain' })
  })

  it('is refused where the description says the local chain and the node is of another', async () => {
    await expect(createDevelopmentWallet({ chainId: localChainId, rpcUrls: [await startNode(1)], contracts }, key)).rejects.toMatchObject({ code: 'WrongChain' })
  })

  it('is refused where a node of the "local" chain is elsewhere', async () => {
    const rpcUrls = [await startNode(localChainId), 'https://rpc.example.org']
    await expect(createDevelopmentWallet({ chainId: localChainId, rpcUrls, contracts }, key)).rejects.toMatchObject({ code: 'WrongChain' })
  })
})
