// What cheating brings an orchestrator of the exact service that holds the minimum stake, with the contracts' parameters and
// the default price: formula and source in test/harness/cheatingGain.mjs. Stake is in tokens and fees are in ether, so what a
// token is worth decides; the least at which anything is decided on chain is the one at which a challenge brings more than it costs.
import { parameterSets } from '../../contracts/deploy/parameterSets.mjs'
import { computeCheatingGain, computeDeterringPrice, computeSegmentFee, computeWorthwhilePrice, readEconomy } from '../harness/cheatingGain.mjs'

const rates = [10, 20, 100, 500, 1_000]
const shares = [0.001, 0.01, 0.1, 0.5, 1]
/** Output pixels per second: of one machine with libx264, of ten, of a hundred. All of them cheat. */
const machines = [1, 10, 100]
const pixelsPerSecondOfMachine = 100e6
const segmentSeconds = 2
const weiPerMillionPixels = 250_000_000
/** A challenge and its settlement, at 2 gwei. */
const gasWei = 400_000 * 2e9

let worst
for (const [name, parameters] of Object.entries(parameterSets)) {
  const economy = readEconomy(parameters)
  const price = computeWorthwhilePrice({ ...economy, gasWei })
  const penalty = price * economy.stakeTokens * (economy.slashRate / 1e6)
  console.log(`\n${name}: stake ${economy.stakeTokens} tokens, slash ${economy.slashRate / 1e4} %, bounty ${economy.bountyRate / 1e4} % of it, bond ${economy.bond / 1e18} ETH, rounds of ${economy.roundSeconds} s`)
  console.log(`a challenge pays for itself from ${(price / 1e18).toExponential(2)} ETH a token; then a slash costs ${(penalty / 1e18).toFixed(4)} ETH`)
  console.log('expected gain of cheating in one round, in thousandths of the round\'s fees (negative: it does not pay); what a token must be worth to deter, ETH\n')
  for (const count of machines) {
    const pixelsPerSecond = count * pixelsPerSecondOfMachine
    const fee = computeSegmentFee({ pixelsPerSecond: pixelsPerSecondOfMachine, segmentSeconds, weiPerMillionPixels })
    const segments = Math.floor(((economy.roundSeconds / segmentSeconds) * pixelsPerSecond) / pixelsPerSecondOfMachine)
    console.log(`${count} machine${count === 1 ? '' : 's'}: ${segments} segments and ${((segments * fee) / 1e18).toExponential(2)} ETH of fees a round`)
    console.log(['  rate', ...shares.map((q) => `q = ${q}`.padStart(22))].join(''))
    for (const one of rates) {
      const cells = shares.map((q) => {
        const terms = { q, rate: 1 / one, segments, fee, penalty }
        const gain = computeCheatingGain(terms) / (segments * fee)
        worst = worst === undefined || gain > worst.gain ? { gain, network: name, machines: count, rate: 1 / one, q } : worst
        return `${(gain * 1000).toFixed(1)}  (${(computeDeterringPrice({ ...economy, ...terms }) / 1e18).toExponential(1)})`.padStart(22)
      })
      console.log([`1/${one}`.padStart(6), ...cells].join(''))
    }
  }
}
const isNegative = worst.gain < 0
console.log(`\nThe most that cheating brings: ${(worst.gain * 1000).toFixed(2)} thousandths of a round's fees, at ${JSON.stringify(worst)}.`)
console.log(isNegative
  ? 'Wherever a challenge pays for itself, cheating does not, even if no stream were lost by it.'
  : 'Where it is positive, what deters is the stream that is lost, or a client that asks for more stake (minStake) than the network does.')
console.log('Below the price at which a challenge pays for itself nobody is slashed but at a loss for whoever challenges.')
console.log(`RESULT ${JSON.stringify({ name: 'cheating', isNegative, worst })}`)
