/** A broadcast for tests: from a source of random bytes to whomever the registry names, every event written down. */

import { privateKeyToAccount } from 'viem/accounts'
import { discover } from '../src/actions/discover.js'
import type { Broadcast, BroadcastEvents } from '../src/broadcaster/broadcast.js'
import { startBroadcast, type CommonBroadcastOptions } from '../src/broadcaster/startBroadcast.js'
import { dialNode } from '../src/node/webrtc.js'
import { createMemorySessionStore } from '../src/session/createMemorySessionStore.js'
import type { TestSource } from './createTestSource.js'
import type { RegistryNode } from './startRegistryNode.js'

export const testAccount = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
export const testLadder = [{ name: '360p', width: 640, height: 360, bitrate: 800_000 }]

export interface TestBroadcast {
  readonly live: Broadcast
  readonly events: { readonly name: keyof BroadcastEvents; readonly event: unknown }[]
  of<Name extends keyof BroadcastEvents>(name: Name): BroadcastEvents[Name][]
}

const names = ['state', 'segment', 'ticket', 'lost', 'left', 'orchestrator', 'alert', 'approval', 'warning', 'error'] as const

/** Starts and writes down every event. */
export async function startTestBroadcast(node: RegistryNode, source: TestSource, options: Partial<CommonBroadcastOptions> = {}): Promise<TestBroadcast> {
  const live = await startBroadcast(
    {
      dial: dialNode,
      openSessionStore: async () => createMemorySessionStore(),
      startSource: () => source,
      discover: ({ sender, signal }) => discover({ timeoutMs: 5_000, ...options.orchestrators, network: node.network, sender, signal }),
    },
    { network: node.network, wallet: testAccount, budget: { spendCap: 10n ** 17n }, ladder: testLadder, ...options },
  )
  const events: TestBroadcast['events'] = []
  for (const name of names) live.on(name, (event) => events.push({ name, event }))
  return { live, events, of: (name) => events.filter((entry) => entry.name === name).map(({ event }) => event as never) }
}
