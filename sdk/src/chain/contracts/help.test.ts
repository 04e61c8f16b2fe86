import { attestationVerifierErrors, challengesErrors, roundsErrors, serviceRegistryErrors, stakingErrors, streamflowTokenErrors, ticketBrokerErrors } from '@streamflow/contracts'
import { describe, expect, it } from 'vitest'
import { attestationHelp } from './attestationVerifier.js'
import { brokerHelp } from './broker.js'
import { challengesHelp } from './challenges.js'
import { registryHelp } from './registry.js'
import { roundsHelp } from './rounds.js'
import { stakingHelp } from './staking.js'
import { tokenHelp } from './token.js'

/** Errors that only governance, other contracts or redeemers can meet: none of our actions does. */
const elsewhere = /Parameters|Step(TooLarge)$|ChangedInRound|InvalidRate|InvalidPeriod|InvalidMinimumStake|Unauthorized|InvalidLength|InvalidJudgement|ExposureTooLong|HaltUnchanged|CapExceeded|InvalidThreshold|VerifierUnchanged/
/** What a redemption is refused with is the redeemer's to read. */
const redeeming = /^TicketBroker(ZeroSender|RoundNotInitialized|WrongBlockHash|Ticket|InvalidFeeShare|WrongRecipientRand|MalformedSignature|WrongSigner|Grant(Unknown|Expired|Revoked)|NotRecipient|RedemptionHalted|PayoutTooLow|LengthMismatch)/

describe.each([
  ['AttestationVerifier', attestationVerifierErrors, attestationHelp],
  ['Challenges', challengesErrors, challengesHelp],
  ['Rounds', roundsErrors, roundsHelp],
  ['ServiceRegistry', serviceRegistryErrors, registryHelp],
  ['Staking', stakingErrors, stakingHelp],
  ['TicketBroker', ticketBrokerErrors, brokerHelp],
  ['StreamflowToken', streamflowTokenErrors, tokenHelp],
] as const)('refusals of %s', (contract, errors, help) => {
  const names = (errors as readonly { readonly name: string }[]).map(({ name }) => name)

  it('have a sentence each, wherever an action can meet them', () => {
    const met = names.filter((name) => name.startsWith(contract) && !(elsewhere.test(name) && name !== 'StakingCommissionStepTooLarge') && !redeeming.test(name))
    expect(met.filter((name) => help[name] === undefined)).toEqual([])
  })

  it('are refusals that there are', () => {
    expect(Object.keys(help).filter((name) => !names.includes(name))).toEqual([])
    for (const sentence of Object.values(help)) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })
})
