/** One object that knows network and wallet, with the actions on it. Each action is importable alone as well. */

import { createWallet, type WalletSource } from '../chain/wallet.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { assertNetworkSource, loadNetwork, type NetworkSource } from '../chain/loadNetwork.js'
import type { Network } from '../chain/network.js'
import type { HistoryEntry, HistoryStore } from '../broadcaster/report/history.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Offers } from '../market/collectOffers.js'
import type { SessionStore } from '../session/sessionStore.js'
import type { Address } from '../units/hex.js'
import { broadcast, type BroadcastOptions, type PageBroadcast } from './broadcast.js'
import type { Feed, FeedOptions } from './createFeed.js'
import type { DiscoverOptions } from './discover.js'
import type { DesignateReserveOptions, FundOptions, Funds, FundsOptions, WithdrawOptions } from './funds.js'
import type { AccountStatement, AccountStatementOptions } from './getStatement.js'
import type { RevokeSessionOptions, SessionsOptions, SessionSummary } from './sessions.js'

/** What a client knows. */
export interface StreamflowOptions {
  /** The network: a description, the address of one, or a name (see {@link NetworkSource}). Loaded when it is first needed. */
  readonly network: NetworkSource
  /** Who pays: a browser's wallet (EIP-1193), a viem wallet client or account, or a wagmi config. Without one: what only reads. */
  readonly wallet?: WalletSource | undefined
  /** Where session keys and history are kept. @default the page's IndexedDB */
  readonly storage?: { readonly sessions?: SessionStore; /** `false`: none is kept. */ readonly history?: HistoryStore | false }
  readonly fetch?: typeof fetch
}

/** Options that the client fills in, and that may be given all the same. */
type Known = 'network' | 'wallet' | 'sender' | 'sessionStore' | 'historyStore'
type Rest<Options> = Omit<Options, Known> & Partial<Pick<Options, Known & keyof Options>>

/**
 * A client. Every action takes what the function of its name takes, less what the client knows. Where the sender is
 * asked for, it is the wallet's account.
 * @throws {@link StreamflowError} as those functions; `NetworkUnavailable` if the network cannot be loaded
 */
export interface Streamflow {
  /** The network's description. Loaded once; after a failure, again. */
  getNetwork(): Promise<Network>
  /** The wallet's account. A browser's wallet asks its owner the first time. */
  getAddress(): Promise<Address>
  /**
   * Calls any other function of the SDK with network and wallet filled in.
   * @example
   * await streamflow.run(bond, { amount: parseEther('1000') })
   */
  run<Options extends { readonly network: Network }, Result>(action: (options: Options) => Promise<Result>, options: Rest<Options>): Promise<Result>
  broadcast(stream: MediaStream, options: Rest<BroadcastOptions>): Promise<PageBroadcast>
  discover(options?: Rest<DiscoverOptions>): Promise<Offers>
  createFeed(options?: Rest<FeedOptions>): Promise<Feed>
  fund(options: Rest<FundOptions>): Promise<TransactionResult>
  designateReserve(options: Rest<DesignateReserveOptions>): Promise<TransactionResult>
  unlock(options?: Rest<FundsOptions>): Promise<TransactionResult>
  cancelUnlock(options?: Rest<FundsOptions>): Promise<TransactionResult>
  withdraw(options?: Rest<WithdrawOptions>): Promise<TransactionResult>
  getFunds(options?: { readonly sender?: Address; readonly signal?: AbortSignal }): Promise<Funds>
  listSessions(options?: Rest<SessionsOptions>): Promise<readonly SessionSummary[]>
  revokeSession(options: Rest<RevokeSessionOptions>): Promise<TransactionResult | undefined>
  getHistory(options?: { readonly limit?: number }): Promise<readonly HistoryEntry[]>
  getStatement(options?: Rest<AccountStatementOptions>): Promise<AccountStatement>
}

/**
 * Creates a client. Asks nobody for anything until an action does.
 *
 * `watch` needs neither network nor wallet, and is a function of its own.
 *
 * @throws {@link StreamflowError} `InvalidArgument` for a network that is none
 * @example
 * const streamflow = createStreamflow({ network: 'https://streamflow.example/network.json', wallet: window.ethereum })
 * const live = await streamflow.broadcast(await openCamera(), { budget: { spendCap: '0.05' } })
 */
export function createStreamflow({ network: source, wallet, storage = {}, fetch }: StreamflowOptions): Streamflow {
  assertNetworkSource(source)
  let loading: Promise<Network> | undefined

  const getNetwork = (): Promise<Network> => {
    loading ??= loadNetwork(source, { fetch }).catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
  const findAddress = async (network: Network): Promise<Address> => (await createWallet(getWallet(), network)).address
  const getWallet = (): WalletSource => {
    if (wallet !== undefined && wallet !== null) return wallet
    throw new StreamflowError('InvalidArgument', 'wallet: this needs one, and the client was given none (no wallet installed in this browser?)', { data: { option: 'wallet' } })
  }
  const getHistoryStore = (): { readonly historyStore?: HistoryStore } => {
    if (storage.history === false) throw new StreamflowError('InvalidArgument', 'storage.history: this needs one, and the client keeps none', { data: { option: 'storage.history' } })
    return storage.history === undefined ? {} : { historyStore: storage.history }
  }
  const sessions = storage.sessions === undefined ? {} : { sessionStore: storage.sessions }
  const sent = fetch === undefined ? {} : { fetch }

  /** What an action that reads is given beside its own options. */
  const asReader = async (options: { readonly network?: Network; readonly sender?: Address } = {}): Promise<{ readonly network: Network; readonly sender: Address }> => {
    const network = options.network ?? (await getNetwork())
    return { network, sender: options.sender ?? (await findAddress(network)) }
  }
  /** The same for one that sends a transaction. */
  const asPayer = async (options: { readonly network?: Network; readonly wallet?: WalletSource } = {}): Promise<{ readonly network: Network; readonly wallet: WalletSource }> => ({
    wallet: options.wallet ?? getWallet(),
    network: options.network ?? (await getNetwork()),
  })
  // Each is loaded when it is first called: a page that only broadcasts never needs them.
  const loadFunds = () => import('./funds.js')
  const loadSessions = () => import('./sessions.js')

  return {
    getNetwork,
    getAddress: async () => findAddress(await getNetwork()),
    run: async <Options, Result>(action: (options: Options) => Promise<Result>, options: Rest<Options>) => action({ network: await getNetwork(), ...(wallet && { wallet }), ...options } as Options),
    async broadcast(stream, options) {
      const history = storage.history === undefined ? {} : { historyStore: storage.history }
      return broadcast(stream, { ...sessions, ...history, ...sent, ...options, ...(await asPayer(options)) })
    },
    discover: async (options) => (await import('./discover.js')).discover({ ...sent, ...options, ...(await asReader(options)) }),
    createFeed: async (options) => (await import('./createFeed.js')).createFeed({ ...sent, ...options, ...(await asReader(options)) }),
    fund: async (options) => (await loadFunds()).fund({ ...options, ...(await asPayer(options)) }),
    designateReserve: async (options) => (await loadFunds()).designateReserve({ ...options, ...(await asPayer(options)) }),
    unlock: async (options) => (await loadFunds()).unlock({ ...options, ...(await asPayer(options)) }),
    cancelUnlock: async (options) => (await loadFunds()).cancelUnlock({ ...options, ...(await asPayer(options)) }),
    withdraw: async (options) => (await loadFunds()).withdraw({ ...options, ...(await asPayer(options)) }),
    getFunds: async (options) => (await loadFunds()).getFunds({ ...options, ...(await asReader(options)) }),
    listSessions: async (options) => (await loadSessions()).listSessions({ ...sessions, network: await getNetwork(), ...options }),
    revokeSession: async (options) => (await loadSessions()).revokeSession({ ...sessions, network: await getNetwork(), ...(wallet && { wallet }), ...options }),
    async getHistory(options) {
      const { historyStore: store } = getHistoryStore()
      return (await import('./getHistory.js')).getHistory({ ...options, ...(store && { store }) })
    },
    getStatement: async (options) => (await import('./getStatement.js')).getStatement({ ...getHistoryStore(), ...options, ...(await asReader(options)) }),
  }
}
