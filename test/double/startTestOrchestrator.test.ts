import type { Network } from '@streamflow/sdk/chain'
import { randomBytes } from 'node:crypto'
import { describeOrchestrator } from './contract.js'
import { startTestOrchestrator } from './startTestOrchestrator.js'

const domain = { chainId: 31_337, ticketBroker: `0x${'1'.repeat(40)}` } as const
const createKey = (): `0x${string}` => `0x${randomBytes(32).toString('hex')}`

describeOrchestrator('the double', async (options) => {
  const orchestrator = await startTestOrchestrator({ domain, ...options })
  const network = { chainId: domain.chainId, contracts: { ticketBroker: domain.ticketBroker } } as unknown as Network
  return { url: orchestrator.uri, network, orchestrator: orchestrator.address, senderKey: createKey(), addSender: async () => createKey(), drain: () => orchestrator.drain(), close: () => orchestrator.close() }
})
