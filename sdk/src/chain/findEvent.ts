/** What a transaction did, in the words of the contract: one of its events. */

import { decodeEventLog, type AbiEvent, type DecodeEventLogReturnType } from 'viem'
import { isSameHex, type Address } from '../units/hex.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { TransactionResult } from './sendCall.js'

type EventArguments<E extends AbiEvent> = DecodeEventLogReturnType<readonly [E]>['args']

/** @returns the arguments of the event @throws {@link StreamflowError} `ChainReverted` if it did not happen: the contract is another one */
export function findEvent<const E extends AbiEvent>({ logs, hash }: TransactionResult, address: Address, event: E): EventArguments<E> {
  for (const { address: emitter, data, topics } of logs) {
    if (!isSameHex(emitter, address)) continue
    try {
      return decodeEventLog({ abi: [event] as readonly AbiEvent[], data, topics: [...topics] }).args as unknown as EventArguments<E>
    } catch {
      // another event of the same contract
    }
  }
  throw new StreamflowError('ChainReverted', `transaction ${hash} had no ${event.name} from ${address}`, { data: { hash } })
}
