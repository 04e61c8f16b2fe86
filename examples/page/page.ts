import { broadcast, parseNetwork } from '@streamflow/sdk'

document.querySelector('button')!.onclick = async () => {
  const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  const network = parseNetwork(await (await fetch('network.json')).text())
  const live = await broadcast(camera, { network, wallet: window.ethereum, budget: { spendCap: '0.05' } })
  live.on('segment', ({ seq, fee }) => console.log(`segment ${seq} cost ${fee} wei`))
  document.querySelector('a')!.href = live.playbackUrl
}
