/** The studio: camera, wallet, setup and figures around one button. Wires the page's parts; no part knows another. */

import { openCamera } from '@streamflow/sdk'
import type { Address } from 'viem'
import { createBudgetHint } from './budgetHint.js'
import { listDevices, showLevel } from './camera.js'
import { initCopy } from './copyText.js'
import { createFigures } from './figures.js'
import { formatAddress, formatDuration } from './format.js'
import { createFundsCard, type FundsCard } from './funds.js'
import { getElement, setText } from './getElement.js'
import { goLive, type OnAir } from './goLive.js'
import { createHistory } from './history.js'
import { createLadderMenu } from './ladderMenu.js'
import { loadNetwork, type Place } from './loadNetwork.js'
import { createMarket, type Market } from './market.js'
import { createMarketChoices } from './marketChoices.js'
import { createMarketPanel, listMarket } from './marketPanel.js'
import { createNotices } from './notices.js'
import { parseAmount } from './parseAmount.js'
import { initStatement } from './statement.js'
import { initTheme } from './theme.js'
import { createWalletDialog } from './walletDialog.js'
import { createWallets, type Wallets } from './wallets.js'
import { localChainId } from './developmentWallet.js'

const figuresIntervalMs = 1_000
/** The SDK writes what is on air about as often. */
const historyIntervalMs = 5_000

const goButton = getElement('go', HTMLButtonElement)
const walletButton = getElement('wallet', HTMLButtonElement)
const stage = getElement('stage', HTMLElement)
const preview = getElement('preview', HTMLVideoElement)
const status = getElement('status', HTMLElement)
const picture = getElement('picture', HTMLElement)
const sizeMenu = getElement('size', HTMLSelectElement)
const copiesMenu = getElement('copies', HTMLSelectElement)
const menus = { camera: getElement('camera', HTMLSelectElement), microphone: getElement('microphone', HTMLSelectElement) }
const setupCard = getElement('setup', HTMLFormElement)
const figuresCard = getElement('figures', HTMLElement)
const share = getElement('share', HTMLElement)

const notices = createNotices(getElement('notices', HTMLElement))
const figures = createFigures()
const ladderMenu = createLadderMenu(getElement('rungs', HTMLElement))
/** Who is excluded is left; whoever is pinned comes first with the next choice. */
const choices = createMarketChoices((orchestrator, wish) => {
  market?.prefer(choices.filters.prefer)
  if (wish === 'never') onAir?.leave(orchestrator as Address)
})
const marketPanel = createMarketPanel(getElement('market', HTMLElement), getElement('market-rows', HTMLTableElement), choices)
const history = createHistory(getElement('history', HTMLTableElement), getElement('history-empty', HTMLElement))

let camera: MediaStream | undefined
/** The camera while it opens: whoever asks meanwhile gets the same one. */
let opening: Promise<MediaStream> | undefined
let hideLevel: (() => void) | undefined
let onAir: OnAir | undefined
let market: Market | undefined
const showBudgetHint = createBudgetHint({ market: () => market, ladderMenu, readFrameRate: () => camera?.getVideoTracks()[0]?.getSettings().frameRate ?? 30 })

function showMarket(): void {
  showBudgetHint()
  marketPanel.show(market?.feed === undefined ? [] : listMarket(market.feed, onAir?.explain()))
}

/** Who makes the stream has changed: who fails makes no offer any more. */
function followMarket(): void {
  showMarket()
  void market?.feed?.refresh()
}

/** Shows the picture that the camera gives, and offers what can be made of it. */
async function useCamera(stream: MediaStream): Promise<void> {
  closeCamera()
  camera = stream
  preview.srcObject = stream
  const { width = 640, height = 360, frameRate = 30 } = stream.getVideoTracks()[0]?.getSettings() ?? {}
  setText(picture, `${width} × ${height} · ${Math.round(frameRate)} fps`)
  picture.hidden = false
  ladderMenu.offer({ width, height, frameRate })
  showBudgetHint()
  getElement('stage-empty', HTMLElement).hidden = true
  setText(status, 'Preview')
  const hasSound = stream.getAudioTracks().length > 0
  getElement('meter', HTMLElement).hidden = !hasSound
  if (hasSound) hideLevel = showLevel(stream, getElement('level', HTMLProgressElement))
  await preview.play().catch(() => undefined) // a preview that must be clicked first is still a preview
  await listDevices(menus, stream)
}

function closeCamera(): void {
  hideLevel?.()
  hideLevel = undefined
  for (const track of camera?.getTracks() ?? []) track.stop()
}

async function reopenCamera(): Promise<MediaStream> {
  opening ??= openChosenCamera().finally(() => (opening = undefined))
  return opening
}

async function openChosenCamera(): Promise<MediaStream> {
  const [width = 640, height = 360] = sizeMenu.value.split('x').map(Number)
  const stream = await openCamera({ camera: menus.camera.value, microphone: menus.microphone.value, width, height, isSpeech: false })
  try {
    // Before the camera of now is closed: viewers see no gap.
    onAir?.show(stream)
  } catch (error) {
    for (const track of stream.getTracks()) track.stop()
    throw error
  }
  await useCamera(stream)
  return stream
}

/** Everything on the page that depends on being live. */
function showState(state: 'idle' | 'starting' | 'live' | 'stopping'): void {
  const isLive = state === 'live' || state === 'stopping'
  goButton.disabled = state === 'starting' || state === 'stopping'
  goButton.dataset['live'] = String(isLive)
  goButton.textContent = { idle: 'Go live', starting: 'Starting…', live: 'Stop', stopping: 'Stopping…' }[state]
  stage.dataset['live'] = String(isLive)
  status.classList.toggle('live', isLive)
  if (state === 'idle') setText(status, camera === undefined ? 'Camera off' : 'Preview')
  setupCard.hidden = state !== 'idle'
  if (state === 'starting') figuresCard.hidden = false
  if (!isLive) share.hidden = true
  // Devices may be changed while it is live; the stream keeps its size.
  for (const menu of [menus.camera, menus.microphone]) menu.disabled = state === 'starting' || state === 'stopping'
  sizeMenu.disabled = state !== 'idle'
  walletButton.disabled = state !== 'idle'
}

/** Puts the figures of this moment on the page. */
function showFigures(live: OnAir): void {
  const now = live.figures()
  figures.show(now)
  setText(status, `LIVE ${formatDuration(Date.now() - live.startedAtMs)}`)
  showMarket()
}

/** More would make the link long; with two, one may be gone before its viewer comes. The rest is told by whichever answers. */
const linkedOrigins = 2

function showShare(origins: readonly string[]): void {
  const link = new URL('watch.html', location.href)
  for (const origin of origins.slice(0, linkedOrigins)) link.searchParams.append('src', origin)
  getElement('share-url', HTMLInputElement).value = link.href
  getElement('watch', HTMLAnchorElement).href = link.href
  setText(getElement('playback-url', HTMLElement), origins[0] ?? '')
  share.hidden = false
}

/** What goes live needs beside the page. */
interface Parts {
  readonly place: Place
  readonly wallets: Wallets
  readonly funds: FundsCard
}

/** From the button to the end of the broadcast. */
async function broadcastOnce({ place, wallets, funds }: Parts): Promise<void> {
  notices.clear()
  if (wallets.current === undefined) return walletButton.click()
  const budget = parseAmount(getElement('budget', HTMLInputElement).value)
  showState('starting')
  const stream = camera?.active === true ? camera : await reopenCamera()
  figures.reset()
  const live = await goLive({
    ...{ stream, network: place.network, wallet: wallets.current, ladder: ladderMenu.ladder, budget },
    ...{ feed: market?.feed, redundancy: Number(copiesMenu.value), filters: choices.filters },
    ...{ onFailure: notices.show, onMarket: followMarket, onOrigins: showShare, onMended: notices.dismiss },
  })
  onAir = live
  followMarket()
  showState('live')
  showShare(live.origins)
  const timers = [setInterval(() => showFigures(live), figuresIntervalMs), setInterval(() => void history.show(live.streamId), historyIntervalMs)]
  await history.show(live.streamId)
  await live.ended
  timers.forEach(clearInterval)
  showFigures(live)
  onAir = undefined
  followMarket()
  await Promise.all([funds.refresh(), history.show()])
}

function initGoButton(parts: Parts): void {
  const press = (): void => {
    if (onAir !== undefined) {
      showState('stopping')
      void onAir.stop()
      return
    }
    broadcastOnce(parts)
      .catch((thrown: unknown) => notices.show(thrown))
      .finally(() => {
        onAir = undefined
        showState('idle')
      })
  }
  goButton.addEventListener('click', press)
  setupCard.addEventListener('submit', (event) => {
    event.preventDefault()
    goButton.click()
  })
  addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || document.querySelector('dialog[open]') !== null
    if (event.key.toLowerCase() === 'g' && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping && !goButton.disabled) press()
  })
  addEventListener('beforeunload', (event) => {
    if (onAir !== undefined) event.preventDefault()
  })
}

function initCamera(): void {
  const open = (): void => void reopenCamera().catch((thrown: unknown) => notices.show(thrown))
  getElement('open-camera', HTMLButtonElement).addEventListener('click', open)
  for (const menu of [menus.camera, menus.microphone, sizeMenu]) menu.addEventListener('change', () => camera !== undefined && open())
  // Whoever allowed this page before sees the preview at once; nobody else is asked before they press something.
  void navigator.permissions
    ?.query({ name: 'camera' })
    .then((permission) => permission.state === 'granted' && open())
    .catch(() => undefined)
}

async function start(): Promise<void> {
  initTheme(getElement('theme', HTMLButtonElement))
  initCopy(getElement('copy', HTMLButtonElement), getElement('share-url', HTMLInputElement))
  initCamera()
  history.show().catch((thrown: unknown) => notices.show(thrown))
  const chip = getElement('network-chip', HTMLElement)
  const place = await loadNetwork().catch((thrown: unknown) => {
    chip.dataset['state'] = 'down'
    setText(chip, 'No network')
    throw thrown
  })
  chip.dataset['state'] = 'up'
  const isLocal = place.network.chainId === localChainId
  setText(chip, isLocal ? 'Local network' : `Chain ${place.network.chainId}`)
  const funds = createFundsCard(place.network, { failure: notices.show, funded: notices.clear })
  const statement = initStatement(place.network, notices.show)
  market = createMarket(place.network, showMarket)
  const wallets = createWallets(place, (wallet) => {
    setText(getElement('wallet-name', HTMLElement), wallet?.name ?? 'Wallet')
    setText(getElement('wallet-address', HTMLElement), wallet === undefined ? 'Connect' : formatAddress(wallet.address))
    funds.use(wallet)
    statement.use(wallet)
    market?.use(wallet?.address)
  })
  const openDialog = createWalletDialog(getElement('wallets', HTMLDialogElement), getElement('wallet-choices', HTMLElement), (thrown) => notices.show(thrown))
  walletButton.addEventListener('click', () => openDialog(wallets.choices()))
  initGoButton({ place, wallets, funds })
  // On the local network the built-in wallet is as good as connected: one press goes live.
  if (isLocal && place.developmentKey !== undefined) await wallets.choices()[0]?.connect()
  goButton.disabled = false
}

start().catch((thrown: unknown) => notices.show(thrown))
