import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRegistryNode, type RegistryNode } from '../../test/startRegistryNode.js'
import { testAccount } from '../../test/startTestBroadcast.js'
import { startTestOrchestrator } from '../../../test/double/startTestOrchestrator.js'
import { getDomain } from '../chain/network.js'
import { createMemorySessionStore } from '../session/createMemorySessionStore.js'
import { createStreamflow } from './createStreamflow.js'
import { listSessions } from './sessions.js'

const sender = testAccount.address.toLowerCase()
let node: RegistryNode
beforeEach(async () => {
  node = await startRegistryNode()
})
afterEach(() => node.close())

/** Gives the network's description, after so many failures, and whatever else is asked for. */
function serveNetwork(failures = 0): { readonly fetch: typeof fetch; readonly asked: () => number } {
  let asked = 0
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (!String(input).endsWith('/network.json')) return globalThis.fetch(input, init)
    if (asked++ < failures) return new Response('', { status: 503 })
    return Response.json(node.network)
  }
  return { fetch, asked: () => asked }
}

describe('a client', () => {
  it('fills in network and sender, and asks for the network once', async () => {
    const orchestrator = await startTestOrchestrator({ domain: getDomain(node.network) })
    node.entries.push({ orchestrator: orchestrator.address, uri: orchestrator.uri })
    const { fetch, asked } = serveNetwork()
    const streamflow = createStreamflow({ network: 'https://somewhere.example/network.json', wallet: testAccount, fetch })
    expect(asked()).toBe(0)
    const [{ offers }, address] = await Promise.all([streamflow.discover({ timeoutMs: 5_000 }), streamflow.getAddress()])
    expect(offers.map(({ orchestrator: by, quote }) => [by, quote.sender.toLowerCase()])).toEqual([[orchestrator.address, sender]])
    expect(address).toBe(sender)
    const feed = await streamflow.createFeed({ timeoutMs: 5_000 })
    await feed.ready
    expect(feed.offers).toHaveLength(1)
    feed.close()
    expect(asked()).toBe(1)
    await orchestrator.close()
  })

  it('asks for the network again after it could not be had', async () => {
    const { fetch } = serveNetwork(1)
    const streamflow = createStreamflow({ network: new URL('https://somewhere.example/network.json'), fetch })
    await expect(streamflow.getNetwork()).rejects.toMatchObject({ code: 'NetworkUnavailable' })
    expect(await streamflow.getNetwork()).toEqual(node.network)
  })

  it('reads without a wallet, and says where one is needed', async () => {
    const streamflow = createStreamflow({ network: node.network, wallet: undefined, storage: { sessions: createMemorySessionStore(), history: false } })
    expect(await streamflow.run(listSessions, { sessionStore: createMemorySessionStore() })).toEqual([])
    expect(await streamflow.discover({ sender: testAccount.address })).toEqual({ offers: [], refused: [] })
    expect(await streamflow.listSessions()).toEqual([])
    const works = [() => streamflow.getFunds(), () => streamflow.getAddress(), () => streamflow.fund({ deposit: 1n }), () => streamflow.broadcast({} as MediaStream, { budget: { spendCap: '0.05' } })]
    for (const work of works) {
      await expect(work()).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'wallet' } })
    }
    await expect(streamflow.getHistory()).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'storage.history' } })
  })

  it('refuses a network that is none at once', () => {
    for (const network of ['mainnet', undefined, { chainId: 1 }]) expect(() => createStreamflow({ network: network as never })).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
  })
})
