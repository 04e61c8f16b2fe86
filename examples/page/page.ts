import { broadcast, parseNetwork } from '@streamflow/sdk'
import { createWalletClient, custom, parseEther } from 'viem'

document.querySelector('button')!.onclick = async () => {
  const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  const network = parseNetwork(await (await fetch('network.json')).text())
  const [account] = await window.ethereum.request({ method: 'eth_requestAccounts' })
  const wallet = createWalletClient({ account, transport: custom(window.ethereum) })
  const live = await broadcast(camera, { network, wallet, budget: { spendCap: parseEther('0.05') } })
  live.on('segment', ({ seq, fee }) => console.log(`segment ${seq} cost ${fee} wei`))
  document.querySelector('a')!.href = live.playbackUrl
}
