// Goes live from the camera, pays with the browser's wallet, and watches itself. What happens stands on the page.
import { createStreamflow, openCamera, watch } from '@streamflow/sdk'

const { dataset } = document.body
addEventListener('unhandledrejection', ({ reason }) => (dataset.failure = String(reason)))

const streamflow = createStreamflow({ network: '/network.json', wallet: window.ethereum })
const live = await streamflow.broadcast(await openCamera(), { budget: { spendCap: '0.01' } })
live.on('segment', ({ seq }) => (dataset.settled = String(seq)))
live.on('error', ({ code, message }) => (dataset.failure = `${code}: ${message}`))
const player = watch(document.querySelector('video'), live.playbackUrl)
player.on('playing', () => (dataset.playing = 'yes'))
player.on('error', ({ code, message }) => (dataset.failure = `${code}: ${message}`))
