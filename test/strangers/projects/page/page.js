// Goes live from the camera, pays with the browser's wallet, and watches itself. What happens stands on the page.
import { broadcast, parseNetwork, watch } from '@streamflow/sdk'

const { dataset } = document.body
addEventListener('unhandledrejection', ({ reason }) => (dataset.failure = String(reason)))

const network = parseNetwork(await (await fetch('/network.json')).text())
const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
const live = await broadcast(camera, { network, wallet: window.ethereum, budget: { spendCap: 10n ** 16n } })
live.on('segment', ({ seq }) => (dataset.settled = String(seq)))
live.on('error', ({ code, message }) => (dataset.failure = `${code}: ${message}`))
const player = watch(document.querySelector('video'), live.playbackUrl)
player.on('playing', () => (dataset.playing = 'yes'))
player.on('error', ({ code, message }) => (dataset.failure = `${code}: ${message}`))
