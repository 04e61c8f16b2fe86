// A React application in StrictMode, with a wallet by wagmi: goes live, and watches itself.
import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { createStreamflow, loadNetwork, openCamera } from '@streamflow/sdk'
import { useBroadcast, useDevices, useFunds, useMarket, useWatch } from '@streamflow/sdk/react'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createConfig, http, injected, useConnect, useConnection, useConnectors, WagmiProvider } from 'wagmi'
import { defineChain } from 'viem'

const { dataset } = document.body
addEventListener('unhandledrejection', ({ reason }) => (dataset['failure'] = String(reason)))

const network = await loadNetwork('/network.json')
const [rpcUrl = ''] = network.rpcUrls
const chain = defineChain({ id: network.chainId, name: 'Local', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [rpcUrl] } } })
const config = createConfig({ chains: [chain], connectors: [injected()], transports: { [chain.id]: http(rpcUrl) } })
const streamflow = createStreamflow({ network, wallet: config })

function Player({ url }: { readonly url: string }) {
  const { ref, state, error } = useWatch(url)
  useEffect(() => {
    if (state === 'playing') dataset['playing'] = 'yes'
    if (error !== undefined) dataset['failure'] = `${error.code}: ${error.message}`
  }, [state, error])
  return <video ref={ref} muted />
}

function Studio() {
  const connection = useConnection()
  const connectors = useConnectors()
  const connect = useConnect()
  const { live, stats, error, start } = useBroadcast(streamflow)
  const { funds } = useFunds(streamflow, { sender: connection.address })
  const { offers, feed } = useMarket(streamflow, connection.address)
  const { cameras } = useDevices()
  useEffect(() => {
    if (stats !== undefined) dataset['settled'] = String(stats.segmentsSettled)
    if (error !== undefined) dataset['failure'] = `${error.code}: ${error.message}`
  }, [stats, error])
  const goLive = async (): Promise<void> => start(await openCamera(), { budget: { spendCap: '0.01' }, ...(feed && { feed }) })
  if (connection.status !== 'connected') return <button onClick={() => connect.mutate({ connector: connectors[0]! })}>Connect</button>
  if (live !== undefined) return <Player url={live.playbackUrl} />
  // Whoever has a deposit, and somebody to send to, goes live.
  if (funds?.state !== 'locked' || offers.length === 0) return <p>{cameras.length} cameras</p>
  return <button onClick={() => void goLive()}>Go live</button>
}

createRoot(document.querySelector('main')!).render(
  <StrictMode>
    <WagmiProvider config={config}>
      <QueryClientProvider client={new QueryClient()}>
        <Studio />
      </QueryClientProvider>
    </WagmiProvider>
  </StrictMode>,
)
