/** How many bytes of deliveries may leave per second, for one address and for all together. What is sent is never held back; who is beyond the limit is asked to come again. */

/** Bytes per second; undefined: no limit. */
export interface EgressRates {
  readonly perAddress?: number
  readonly total?: number
}

interface Account {
  /** Bytes that may be sent; below zero after a large answer. */
  left: number
  atMs: number
}

/** What may be sent at once, in seconds of the rate. */
const burstSeconds = 2
/** Addresses remembered at once; the one that asked longest ago is forgotten first. */
const maxAddresses = 50_000

export class EgressLimits {
  readonly #rates: EgressRates
  readonly #byAddress = new Map<string, Account>()
  readonly #total: Account

  constructor(rates: EgressRates) {
    this.#rates = rates
    this.#total = { left: (rates.total ?? 0) * burstSeconds, atMs: 0 }
  }

  /** @returns 0 if an answer may be sent, else milliseconds until one may */
  wait(client: string, nowMs: number): number {
    const { perAddress, total } = this.#rates
    const mine = perAddress === undefined ? 0 : this.#refill(this.#find(client, perAddress, nowMs), perAddress, nowMs)
    const ours = total === undefined ? 0 : this.#refill(this.#total, total, nowMs)
    return Math.max(mine, ours)
  }

  /** So many bytes were sent. @returns seconds of the rate that are owed now; 0 while within it */
  spend(client: string, bytes: number, nowMs: number): number {
    const { perAddress, total } = this.#rates
    const owed = (account: Account, rate: number): number => {
      this.#refill(account, rate, nowMs)
      account.left -= bytes
      return Math.max(0, -account.left / rate)
    }
    return Math.max(perAddress === undefined ? 0 : owed(this.#find(client, perAddress, nowMs), perAddress), total === undefined ? 0 : owed(this.#total, total))
  }

  #find(client: string, rate: number, nowMs: number): Account {
    const known = this.#byAddress.get(client)
    const account = known ?? { left: rate * burstSeconds, atMs: nowMs }
    this.#byAddress.delete(client)
    this.#byAddress.set(client, account)
    if (this.#byAddress.size > maxAddresses) this.#byAddress.delete(this.#byAddress.keys().next().value as string)
    return account
  }

  #refill(account: Account, rate: number, nowMs: number): number {
    account.left = Math.min(rate * burstSeconds, account.left + (Math.max(0, nowMs - account.atMs) / 1_000) * rate)
    account.atMs = nowMs
    return account.left >= 0 ? 0 : Math.ceil((-account.left / rate) * 1_000)
  }
}
