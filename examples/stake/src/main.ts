/** The page for delegators, and for who keeps an orchestrator's account in a wallet: wires wallet, position and orchestrators to the SDK's actions. */

import { announceCommission, delegate, listOrchestrators, rebond, redelegate, setSigner, unbond, withdrawFees, withdrawStake, type OrchestratorSummary } from '@streamflow/sdk'
import type { Address } from 'viem'
import { localChainId } from '../../studio/src/developmentWallet.js'
import { formatAddress } from '../../studio/src/format.js'
import { getElement, setText } from '../../studio/src/getElement.js'
import { loadNetwork, type Place } from '../../studio/src/loadNetwork.js'
import { createNotices } from '../../studio/src/notices.js'
import { initTheme } from '../../studio/src/theme.js'
import { createWalletDialog } from '../../studio/src/walletDialog.js'
import { createWallets, type Wallet } from '../../studio/src/wallets.js'
import { showOrchestrators } from './orchestrators.js'
import { readOwnOrchestrator, showOwnOrchestrator, wireOwnOrchestrator, type OwnOrchestrator } from './ownOrchestrator.js'
import { readPosition, showPosition, type Position } from './position.js'
import { parseTokens } from './tokens.js'

/** The chain is looked at so often: what others do shows by itself. */
const lookMs = 5_000
/** Past rounds in the charts. */
const chartedRounds = 8

const notices = createNotices(getElement('notices', HTMLElement))
const amountField = getElement('amount', HTMLInputElement)
const note = getElement('position-note', HTMLElement)

/** What the page shows and does for one network. */
function createStakePage({ network }: Place): { use(wallet: Wallet | undefined): void; look(): Promise<void> } {
  let wallet: Wallet | undefined
  let summaries: readonly OrchestratorSummary[] = []
  let position: Position | undefined
  let own: OwnOrchestrator | undefined
  let isBusy = false
  /** The latest look's number: what an earlier one saw is not so any more. */
  let looks = 0

  const show = (): void => {
    showPosition(position, { withdraw: (lockId) => act('Withdrawing', (signer) => withdrawStake({ ...signer, lockId })), rebond: (lockId) => act('Putting back', (signer) => rebond({ ...signer, lockId })) })
    showOrchestrators(getElement('orchestrators', HTMLElement), summaries, { orchestrator: position?.orchestrator, isConnected: wallet !== undefined }, { delegate: delegateTo, move: (orchestrator) => act('Moving', (signer) => redelegate({ ...signer, orchestrator })) })
    showOwnOrchestrator(own)
    const none = getElement('none', HTMLElement)
    none.hidden = summaries.length > 0
    setText(none, 'No orchestrator is registered.')
  }
  const look = async (): Promise<void> => {
    const shown = wallet
    const number = ++looks
    const [orchestrators, read, ownRead] = await Promise.all([listOrchestrators({ network, rounds: chartedRounds, amount: readAmount() }), shown && readPosition(network, shown.address), shown && readOwnOrchestrator(network, shown.address)])
    if (isBusy || wallet !== shown || number !== looks) return // what is under way looks again when it is done
    if (document.querySelector('main button:active') !== null) return // nothing moves under a finger; the next look shows it
    summaries = orchestrators
    position = read
    own = ownRead
    // A card that is written anew would lose whoever stands on its button.
    const focused = document.activeElement?.getAttribute('aria-label')
    show()
    if (focused) document.querySelector<HTMLElement>(`main [aria-label="${CSS.escape(focused)}"]`)?.focus()
  }
  const act = (what: string, step: (means: { readonly network: Place['network']; readonly wallet: Wallet['signer'] }) => Promise<unknown>): void => {
    if (wallet === undefined || isBusy) return
    notices.clear()
    isBusy = true
    for (const button of document.querySelectorAll<HTMLButtonElement>('main button')) button.disabled = true
    setText(note, `${what}: waiting for the wallet and the chain…`)
    step({ network, wallet: wallet.signer })
      .catch((thrown: unknown) => notices.show(thrown))
      .finally(() => {
        isBusy = false
        show()
        look().catch((thrown: unknown) => notices.show(thrown))
      })
  }
  const delegateTo = (orchestrator: Address): void => act('Delegating', async (signer) => delegate({ ...signer, orchestrator, amount: parseTokens(amountField.value) }))
  getElement('unbond', HTMLButtonElement).addEventListener('click', () => {
    const field = getElement('unbond-amount', HTMLInputElement)
    act('Taking out', async (signer) => {
      await unbond({ ...signer, amount: field.value.trim() === '' ? (position?.stake ?? 0n) : parseTokens(field.value) })
      field.value = ''
    })
  })
  getElement('withdraw-fees', HTMLButtonElement).addEventListener('click', () => act('Withdrawing fees', (signer) => withdrawFees(signer)))
  wireOwnOrchestrator({
    setSigner: (signer) => act(signer === undefined ? 'Revoking' : 'Handing over', (means) => setSigner({ ...means, signer })),
    announce: (commission) => act('Announcing', (means) => announceCommission({ ...means, ...commission })),
    refuse: (thrown) => notices.show(thrown),
  })
  return {
    look,
    use(next) {
      wallet = next
      position = undefined
      own = undefined
      show()
      look().catch((thrown: unknown) => notices.show(thrown))
    },
  }
}

/** What is typed, or one token while it is no number yet: expected values are shown of it. */
function readAmount(): bigint {
  try {
    return parseTokens(amountField.value)
  } catch {
    return 10n ** 18n
  }
}

async function start(): Promise<void> {
  initTheme(getElement('theme', HTMLButtonElement))
  const chip = getElement('network-chip', HTMLElement)
  const place = await loadNetwork().catch((thrown: unknown) => {
    chip.dataset['state'] = 'down'
    setText(chip, 'No network')
    throw thrown
  })
  const isLocal = place.network.chainId === localChainId
  chip.dataset['state'] = 'up'
  setText(chip, isLocal ? 'Local network' : `Chain ${place.network.chainId}`)
  const page = createStakePage(place)
  const wallets = createWallets(place, (wallet) => {
    setText(getElement('wallet-name', HTMLElement), wallet?.name ?? 'Wallet')
    setText(getElement('wallet-address', HTMLElement), wallet === undefined ? 'Connect' : formatAddress(wallet.address))
    page.use(wallet)
  })
  const openDialog = createWalletDialog(getElement('wallets', HTMLDialogElement), getElement('wallet-choices', HTMLElement), (thrown) => notices.show(thrown))
  getElement('wallet', HTMLButtonElement).addEventListener('click', () => openDialog(wallets.choices()))
  const look = (): Promise<void> =>
    page.look().then(
      () => notices.dismiss('ChainUnavailable'),
      (thrown: unknown) => notices.show(thrown),
    )
  amountField.addEventListener('change', () => void look())
  const repeat = (): void => void (document.hidden ? Promise.resolve() : look()).finally(() => setTimeout(repeat, lookMs))
  repeat()
  if (isLocal && place.developmentKey !== undefined) await wallets.choices()[0]?.connect()
}

start().catch((thrown: unknown) => notices.show(thrown))
