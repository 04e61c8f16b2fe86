import { openCamera, createStreamflow } from '@streamflow/sdk'
import { useBroadcast, useWatch } from '@streamflow/sdk/react'

const streamflow = createStreamflow({ network: 'network.json', wallet: window.ethereum })

export function GoLive() {
  const { state, live, error, start, stop } = useBroadcast(streamflow)
  const { ref } = useWatch(live?.origins)
  const isOff = state === 'idle' || state === 'ended' || state === 'failed'
  const press = async () => (isOff ? start(await openCamera(), { budget: { spendCap: '0.05' } }) : stop())
  return (
    <>
      <video ref={ref} controls />
      <button onClick={press}>{isOff ? 'Go live' : 'Stop'}</button>
      <p role="status">{error?.help ?? state}</p>
    </>
  )
}
