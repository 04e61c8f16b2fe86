/** Looks at the chain at an interval and tells of new blocks and of senders whose funds or grants changed. */

import { ticketBrokerEvents } from '@streamflow/contracts'
import { parseEventLogs, type PublicClient } from 'viem'
import type { ChainListener, ChainState } from '../../core/cashier/chain.js'

type Hex = `0x${string}`

/** Blocks of which events are asked at once; after a longer outage the cache's age does the rest. */
const maxRange = 1_000n
/** Blocks that are looked at again, since a reorg may have changed them. */
const overlap = 3n

interface Watch {
  readonly client: PublicClient
  readonly ticketBroker: Hex
  readonly intervalMs: number
  readonly readState: () => Promise<ChainState>
  readonly onTrouble: (what: string, cause: unknown) => void
}

async function readChangedSenders({ client, ticketBroker }: Watch, range: { readonly fromBlock: bigint; readonly toBlock: bigint }): Promise<Set<Hex>> {
  const logs = await client.getLogs({ address: ticketBroker, ...range })
  const senders = new Set<Hex>()
  for (const { args } of parseEventLogs({ abi: ticketBrokerEvents, logs })) {
    if (args !== undefined && 'sender' in args && typeof args.sender === 'string') senders.add(args.sender.toLowerCase() as Hex)
  }
  return senders
}

/** Starts to look; the returned function ends it. A look that fails is tried again at the next interval. */
export function watchChain(watch: Watch, listener: ChainListener): () => void {
  let seen: bigint | undefined
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  const look = async (): Promise<void> => {
    const state = await watch.readState()
    if (isOver) return
    if (seen !== undefined && state.block !== seen) {
      const next = (state.block < seen ? state.block : seen) - overlap
      const oldest = state.block > maxRange ? state.block - maxRange : 0n
      const changed = await readChangedSenders(watch, { fromBlock: next > oldest ? next : oldest, toBlock: state.block })
      if (isOver) return
      for (const sender of changed) listener.onSenderChanged(sender)
    }
    seen = state.block
    listener.onState(state)
  }
  const loop = (): void => {
    look()
      .catch((cause: unknown) => watch.onTrouble('watching the chain', cause))
      .finally(() => {
        if (!isOver) timer = setTimeout(loop, watch.intervalMs)
      })
  }
  loop()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
