/** `Rounds`, and what helps against its refusals. */

import { roundsErrors } from '@streamflow/contracts'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import type { Contract } from './contract.js'

export const roundsHelp: RefusalHelp = {
  RoundsAlreadyInitialized: 'Somebody has initialized this round: there is nothing to do until the next one.',
  RoundsBlockHashUnavailable: 'The chain knows no hash of the block before: try again with the next block.',
  RoundsUnknownRound: 'Rounds are numbered from 1.',
}

/** @returns the rounds of a network */
export const getRounds = ({ contracts }: Network): Contract => ({ address: contracts.rounds, errors: roundsErrors, help: roundsHelp })
