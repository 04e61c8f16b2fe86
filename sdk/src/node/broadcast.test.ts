import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRegistryNode, type RegistryNode } from '../../test/startRegistryNode.js'
import { startTestOrchestrator, type TestOrchestrator } from '../../../test/double/startTestOrchestrator.js'
import { getDomain } from '../chain/network.js'
import type { BroadcastEvents } from '../broadcaster/broadcast.js'
import { createMemorySessionStore } from '../session/createMemorySessionStore.js'
import { broadcast } from './broadcast.js'

const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const testPicture = { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', '4'] }

let node: RegistryNode
let orchestrator: TestOrchestrator

beforeEach(async () => {
  node = await startRegistryNode()
  orchestrator = await startTestOrchestrator({ domain: getDomain(node.network) })
  node.entries.push({ orchestrator: orchestrator.address, uri: orchestrator.uri })
})
afterEach(async () => {
  await orchestrator.close()
  await node.close()
})

const options = () => ({ network: node.network, wallet: account, budget: { spendCap: 10n ** 16n }, sessionStore: createMemorySessionStore() })

describe('broadcast from Node', () => {
  it('sends every segment once, pays for each, and ends with a statement that agrees to the wei', async () => {
    const live = await broadcast(testPicture, options())
    const segments: BroadcastEvents['segment'][] = []
    live.on('segment', (segment) => segments.push(segment))
    const problems: unknown[] = []
    live.on('warning', (warning) => problems.push(warning))
    live.on('lost', (lost) => problems.push(lost))
    await live.finished

    expect([...problems, ...orchestrator.problems]).toEqual([])
    expect(live.state).toBe('ended')
    expect(segments.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    expect(orchestrator.received.map(({ seq, attempt }) => `${seq}/${attempt}`)).toEqual(['0/0', '1/0', '2/0', '3/0'])
    const fees = segments.reduce((sum, { fee }) => sum + fee, 0n)
    expect(live.statement).toMatchObject({ segments: 4, tickets: 4, fees, balance: orchestrator.account(live.streamId).balance })
    expect(live.playbackUrl).toContain(live.streamId)
  })
})
