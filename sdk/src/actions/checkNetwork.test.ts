import { afterAll, beforeAll, expect, it } from 'vitest'
import { startAnvil, type Anvil } from '../../test/startAnvil.js'
import { checkNetwork } from './checkNetwork.js'

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
}, 60_000)
afterAll(() => anvil.close())

const nothing = 'http://127.0.0.1:9'

it('finds nothing wrong with what a deployment wrote', async () => {
  expect(await checkNetwork(anvil)).toEqual([])
})

it('names the endpoint that is silent or elsewhere, and goes on with the others', async () => {
  const { network } = anvil
  expect(await checkNetwork({ network: { ...network, rpcUrls: [nothing, ...network.rpcUrls] } })).toEqual([{ where: '127.0.0.1:9', message: expect.any(String) as string }])
  expect(await checkNetwork({ network: { ...network, rpcUrls: [nothing] } })).toHaveLength(1)
  expect(await checkNetwork({ network: { ...network, chainId: 1 } })).toEqual([{ where: expect.stringContaining('127.0.0.1') as string, message: 'it is on chain 31337, the network on 1' }])
})

it('names the contract that is not there, or is another one', async () => {
  const { network } = anvil
  const { contracts } = network
  const faultsOf = async (change: Partial<typeof contracts>) => (await checkNetwork({ network: { ...network, contracts: { ...contracts, ...change } } })).map(({ where, message }) => `${where}: ${message}`)
  expect(await faultsOf({ staking: `0x${'a'.repeat(40)}` })).toEqual([expect.stringMatching(/^staking: .*no such contract/) as string])
  expect((await faultsOf({ staking: contracts.rounds, rounds: contracts.staking })).map((fault) => fault.split(':')[0]).sort()).toEqual(['rounds', 'staking'])
  expect((await faultsOf({ ticketBroker: contracts.serviceRegistry })).map((fault) => fault.split(':')[0])).toEqual(['ticketBroker'])
})

it('tells contracts of two deployments apart', async () => {
  const { network, rpc } = anvil
  // The token's code at another place, where its storage names no authority.
  const at = '0x00000000000000000000000000000000000000fe'
  await rpc.request('anvil_setCode', [at, await rpc.request('eth_getCode', [network.contracts.token, 'latest'])])
  expect(await checkNetwork({ network: { ...network, contracts: { ...network.contracts, token: at } } })).toEqual([{ where: 'token', message: expect.stringContaining('another deployment') as string }])
})
