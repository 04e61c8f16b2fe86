import { createStreamflow, openCamera } from '@streamflow/sdk'

const streamflow = createStreamflow({ network: 'network.json', wallet: window.ethereum })

document.querySelector('button')!.onclick = async () => {
  const live = await streamflow.broadcast(await openCamera(), { budget: { spendCap: '0.05' } })
  live.on('segment', ({ seq, fee }) => console.log(`segment ${seq} cost ${fee} wei`))
  document.querySelector('a')!.href = live.playbackUrl
}
