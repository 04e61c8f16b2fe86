// The parameters of a deployment, by name. Amounts are decimal strings of wei (they exceed what JSON numbers hold),
// periods are rounds, shares are parts per million, rates per round are rays (1e27 = 1), lengths are seconds.

/** For a network on one machine: rounds of ten minutes, a minimum stake that one account can bond at once. */
const local = {
  rounds: { length: 600, lockShare: 100_000 },
  token: { initialSupply: '10000000000000000000000000' },
  staking: {
    minimumStake: '1000000000000000000000',
    minimumSelfStake: '100000000000000000000',
    unbondingPeriod: 7,
    maxCommissionStep: 100_000,
    inflation: '10000000000000000000000',
    inflationChange: '100000000000000000000',
    maxInflation: '100000000000000000000000',
    targetBondingRate: '500000000000000000000000000',
  },
  ticketBroker: { ticketValidityPeriod: 2, unlockPeriod: 2, escrowBurnShare: 500_000 },
  challenges: { bond: '50000000000000000', window: 2, answerPeriod: 2, slashRate: 100_000, bountyRate: 250_000 },
}

/** For a public test network: rounds of six hours, so that a ticket lives at least as long. */
const testnet = {
  rounds: { length: 21_600, lockShare: 100_000 },
  token: { initialSupply: '10000000000000000000000000' },
  staking: {
    minimumStake: '10000000000000000000000',
    minimumSelfStake: '1000000000000000000000',
    unbondingPeriod: 28,
    maxCommissionStep: 50_000,
    inflation: '100000000000000000000000',
    inflationChange: '1000000000000000000000',
    maxInflation: '1000000000000000000000000',
    targetBondingRate: '500000000000000000000000000',
  },
  ticketBroker: { ticketValidityPeriod: 2, unlockPeriod: 4, escrowBurnShare: 500_000 },
  challenges: { bond: '100000000000000000', window: 8, answerPeriod: 8, slashRate: 100_000, bountyRate: 250_000 },
}

/** Parameters by name. */
export const parameterSets = { local, testnet }
