/** `Staking`, and what helps against its refusals. */

import { stakingErrors } from '@streamflow/contracts'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import type { Contract } from './contract.js'

export const stakingHelp: RefusalHelp = {
  StakingZeroAmount: 'The amount must be above 0.',
  StakingZeroAddress: 'Name an account.',
  StakingNotSigner: 'Only the orchestrator’s own account, or the key that signs for it, may do this.',
  StakingNotOrchestrator: 'This account has bonded nothing to itself, so it is no orchestrator: name another one, or bond to it from its own account first.',
  StakingCommissionNotDeclared: 'The orchestrator has announced no commission yet: nobody can delegate to it before it does.',
  StakingOrchestratorRetired: 'The orchestrator was slashed so often that it takes no more stake: choose another one.',
  StakingAlreadyDelegated: 'An account backs one orchestrator at a time: move the stake (redelegate), or unbond it first.',
  StakingRedelegationPending: 'Stake that was moved cannot be moved again or added to before the round named; it can be unbonded.',
  StakingInvalidDelegate: 'The stake is behind this orchestrator already, or it is the account itself: name another orchestrator.',
  StakingOrchestratorCannotRedelegate: 'An orchestrator’s own stake cannot back another one: unbond it.',
  StakingInsufficientStake: 'Less is staked than asked for: ask for less.',
  StakingInsufficientFees: 'Fewer fees are there than asked for: ask for less.',
  StakingUnknownLock: 'There is no such lock: it was withdrawn or bonded again; list the delegation’s locks.',
  StakingLocked: 'The lock opens in the round named: withdraw then, or bond it again.',
  StakingNotActive: 'The orchestrator takes no part in this round: stake counts from the round after it was bonded, and must reach the minimum.',
  StakingAlreadyRewarded: 'The reward of this round has been taken: the next one comes with the next round.',
  StakingInvalidCommission: 'A commission is between 0 and 1,000,000 parts per million.',
  StakingCommissionStepTooLarge: 'A commission moves by no more than the largest step at once: announce less now, and the rest when it binds.',
  StakingCommissionPending: 'The commission announced last has yet to bind, in the round named: announce the next one then.',
  StakingNothingToEnforce: 'Nothing of this stake is owed to a slash.',
  StakingTransferFailed: 'The account that is to be paid takes no ether: name another one.',
  EnforcedPause: 'Staking is paused: nothing can be bonded or moved for now; what is there can be unbonded and withdrawn.',
}

/** @returns the staking contract of a network */
export const getStaking = ({ contracts }: Network): Contract => ({ address: contracts.staking, errors: stakingErrors, help: stakingHelp })
