// A React application in StrictMode, with a wallet by wagmi: goes live, and watches itself.
import { StrictMode, useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { broadcast, parseNetwork, watch, type Broadcast, type Network } from '@streamflow/sdk'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createConfig, http, injected, useConfig, useConnect, useConnection, useConnectors, WagmiProvider } from 'wagmi'
import { defineChain } from 'viem'

const { dataset } = document.body
addEventListener('unhandledrejection', ({ reason }) => (dataset['failure'] = String(reason)))

const network: Network = parseNetwork(await (await fetch('/network.json')).text())
const [rpcUrl = ''] = network.rpcUrls
const chain = defineChain({ id: network.chainId, name: 'Local', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [rpcUrl] } } })
const config = createConfig({ chains: [chain], connectors: [injected()], transports: { [chain.id]: http(rpcUrl) } })

function Player({ url }: { readonly url: string }) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const player = watch(video.current!, url)
    player.on('playing', () => (dataset['playing'] = 'yes'))
    player.on('error', ({ code, message }) => (dataset['failure'] = `${code}: ${message}`))
    return () => player.close()
  }, [url])
  return <video ref={video} muted />
}

function Studio() {
  const wallet = useConfig()
  const connection = useConnection()
  const connectors = useConnectors()
  const connect = useConnect()
  const [live, setLive] = useState<Broadcast>()
  const goLive = async (): Promise<void> => {
    const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
    const started = await broadcast(camera, { network, wallet, budget: { spendCap: 10n ** 16n } })
    started.on('segment', ({ seq }) => (dataset['settled'] = String(seq)))
    started.on('error', ({ code, message }) => (dataset['failure'] = `${code}: ${message}`))
    setLive(started)
  }
  if (connection.status !== 'connected') return <button onClick={() => connect.mutate({ connector: connectors[0]! })}>Connect</button>
  return live === undefined ? <button onClick={() => void goLive()}>Go live</button> : <Player url={live.playbackUrl} />
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
