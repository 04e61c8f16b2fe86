import { parseEther } from 'viem'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { describeOrchestrator } from '../../double/contract.js'
import { addSender, startLocalChain, startServer } from './startServer.js'

describeOrchestrator('the server', async ({ maxStreams }) => {
  const port = await findFreePort(0)
  const chain = await startLocalChain({ publicPort: port })
  const server = await startServer(chain, { port, flags: { 'streams-max': String(maxStreams), 'http-sender-request-burst': '100', 'http-request-burst': '10000' } })
  return {
    url: server.publicUrl,
    network: chain.network,
    orchestrator: chain.orchestrator,
    senderKey: chain.senderKey,
    addSender: async () => (await addSender(chain, parseEther('0.1'))).senderKey,
    drain: () => void server.close(),
    async close() {
      await server.close()
      await chain.close()
    },
  }
})
