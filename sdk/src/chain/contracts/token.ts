/** The token that is staked, and what helps against its refusals. */

import { streamflowTokenErrors } from '@streamflow/contracts'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import type { Contract } from './contract.js'

export const tokenHelp: RefusalHelp = {
  ERC20InsufficientBalance: 'The account holds fewer tokens than asked for: get more, or ask for less.',
  ERC20InsufficientAllowance: 'Fewer tokens are approved than asked for: approve them first.',
}

/** @returns the token of a network */
export const getToken = ({ contracts }: Network): Contract => ({ address: contracts.token, errors: streamflowTokenErrors, help: tokenHelp })
