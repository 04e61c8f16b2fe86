/** The `TicketBroker`, and what helps against its refusals. */

import { ticketBrokerErrors } from '@streamflow/contracts'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import type { Contract } from './contract.js'

export const brokerHelp: RefusalHelp = {
  TicketBrokerNoFunds: 'There is nothing to unlock or withdraw: this account has put up no funds.',
  TicketBrokerUnlockInProgress: 'An unlock is in progress already: wait for its round and withdraw, or cancel it.',
  TicketBrokerNotUnlocking: 'Unlock first: funds can be withdrawn some rounds later.',
  TicketBrokerStillLocked: 'Tickets that are out may still be paid until then: wait for the round named, then withdraw.',
  TicketBrokerSenderUnlocked: 'The funds are being unlocked: cancel the unlock to go on paying with tickets.',
  TicketBrokerReserveOvercommitted: 'The designations exceed the reserve: add to the reserve, or designate less.',
  TicketBrokerInsufficientFunds: 'Less is there than asked for: add funds, or ask for less.',
  TicketBrokerInvalidGrant: 'The wallet does not stand by the signature of this grant: sign it again with the account that pays.',
  TicketBrokerGrantEnded: 'The grant is revoked or expired: allow a new session key.',
  TicketBrokerWrongValue: 'The ether sent is not the sum of deposit, reserve and escrow.',
  TicketBrokerZeroRecipient: 'Name the account that is to be paid.',
  TicketBrokerTransferFailed: 'The account that is to be paid takes no ether: name another one.',
  EnforcedPause: 'The broker is paused: nothing can be put up for now; what is there can be unlocked and withdrawn.',
}

/** @returns the broker of a network */
export const getBroker = ({ contracts }: Network): Contract => ({ address: contracts.ticketBroker, errors: ticketBrokerErrors, help: brokerHelp })
