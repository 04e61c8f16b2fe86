/** Whose money pays: wallets that the browser announces (EIP-6963, through wagmi), and on the local network a built-in one. */

import { connect, createConfig, disconnect, getConnection, getConnectors, http, watchConnection, type Config, type Connector } from '@wagmi/core'
import type { Account, Address, Chain, Transport, WalletClient } from 'viem'
import { StreamflowError, isStreamflowError } from '@streamflow/sdk/errors'
import { createDevelopmentWallet, describeChain } from './developmentWallet.js'
import type { Place } from './loadNetwork.js'

/** A connected wallet. `signer` is what the SDK takes. */
export interface Wallet {
  readonly name: string
  readonly address: Address
  readonly signer: Config | WalletClient<Transport, Chain, Account>
}

/** A wallet that could be connected. */
export interface WalletChoice {
  readonly name: string
  readonly hint: string
  /** Data URL, as the wallet announced it. */
  readonly icon?: string
  /** @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain` */
  connect(): Promise<void>
}

/** The wallets of this page. */
export interface Wallets {
  readonly current: Wallet | undefined
  choices(): readonly WalletChoice[]
  disconnect(): Promise<void>
}

/** EIP-1193: the person said no. */
const userRejected = 4001

function toWalletError(thrown: unknown): StreamflowError {
  if (isStreamflowError(thrown)) return thrown
  const { code, message, cause } = thrown as { code?: unknown; message?: string; cause?: { code?: unknown } }
  const isRejected = code === userRejected || cause?.code === userRejected
  return new StreamflowError(isRejected ? 'WalletRejected' : 'WalletUnavailable', `wallet: ${(message ?? String(thrown)).split('\n')[0] ?? ''}`, { cause: thrown })
}

/**
 * Watches the wallets of this browser.
 * @param onChange - the connected wallet changed (its account too), or there is none any more
 */
export function createWallets(place: Place, onChange: (wallet: Wallet | undefined) => void): Wallets {
  const chain = describeChain(place.network)
  const config = createConfig({ chains: [chain], transports: { [chain.id]: http(place.network.rpcUrls[0]) } })
  let current: Wallet | undefined
  const use = (wallet: Wallet | undefined): void => {
    current = wallet
    onChange(wallet)
  }
  watchConnection(config, {
    onChange({ address, connector }) {
      if (address !== undefined && connector !== undefined) use({ name: connector.name, address, signer: config })
      else if (current?.signer === config) use(undefined)
    },
  })

  const connectInjected = async (connector: Connector): Promise<void> => {
    try {
      if (getConnection(config).connector?.uid !== connector.uid) await connect(config, { connector, chainId: chain.id })
      else use({ name: connector.name, address: getConnection(config).address as Address, signer: config })
    } catch (thrown) {
      throw toWalletError(thrown)
    }
  }
  const connectDevelopment = async (key: `0x${string}`): Promise<void> => {
    const signer = await createDevelopmentWallet(place.network, key)
    use({ name: 'Development wallet', address: signer.account.address, signer })
  }

  return {
    get current() {
      return current
    },
    choices() {
      const { developmentKey } = place
      const development = developmentKey === undefined ? [] : [{ name: 'Development wallet', hint: 'Built in and funded; on the local network only', connect: () => connectDevelopment(developmentKey) }]
      const injected = getConnectors(config).map((connector) => ({
        name: connector.name,
        hint: 'Installed in this browser',
        ...(connector.icon !== undefined && { icon: connector.icon }),
        connect: () => connectInjected(connector),
      }))
      return [...development, ...injected]
    },
    async disconnect() {
      if (current?.signer === config) await disconnect(config)
      use(undefined)
    },
  }
}
