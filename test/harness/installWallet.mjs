// A browser's wallet: a provider (EIP-1193) whose account and key the local chain keeps. It
// counts what it was asked, in `window.asked`, and announces itself. Runs in the page, before its scripts: it must stand alone.

/** @param {{ rpcUrl: string, address: `0x${string}` }} account */
export function installWallet({ rpcUrl, address }) {
  const asked = []
  let isConnected = false
  const request = async ({ method, params = [] }) => {
    asked.push(method)
    if (method === 'eth_requestAccounts') isConnected = true
    if (method === 'eth_requestAccounts' || method === 'eth_accounts') return isConnected ? [address] : []
    const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })
    const { result, error } = await response.json()
    if (error !== undefined) throw Object.assign(new Error(error.message), error)
    return result
  }
  const provider = { request, on: () => provider, removeListener: () => provider }
  Object.assign(window, { ethereum: provider, asked })
  // As wallets make themselves known (EIP-6963): now, and to each page that asks.
  const info = { uuid: '3f0a2c56-8d0e-4a53-9d7c-0a4f3d6c1b77', name: 'Test wallet', icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>', rdns: 'example.wallet' }
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }))
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
}
