// What cheating brings an orchestrator of the exact service, by the paper's argument for fault-based verification: it must
// cost more, on average, than it saves. Per segment:
//
//   gain = q · s − c · (L + F)      c = P(caught), amortized per segment
//
// q    share of segments that it makes falsely
// s    what a false segment saves, wei: at most the whole fee, since work costs no more than is paid for it
// r    share of segments that is looked at: one of each block of 1/r, drawn in secret
// L    what a guilty verdict takes: slashRate of the stake, once for all receipts of one round (Challenges, `_slash`)
// F    fees that it loses with the stream, which goes elsewhere: those of the segments that would have followed
//
// One segment of each block is drawn by somebody who does not know which are false, so each drawn one is false with q: over
// the N segments of a round the chance to be caught is 1 − (1 − q)^(N·r).
// The verdict itself is certain: the service is exact.
//
// Source: Livepeer Streamflow paper, "Verification" and "Economic analysis"; slash, bounty and bond of contracts/deploy/parameterSets.mjs.

const WEI = 1e18
const PPM = 1e6

/** Output pixels of a ladder's segment, and what it is paid. */
export function computeSegmentFee({ pixelsPerSecond, segmentSeconds, weiPerMillionPixels }) {
  return (pixelsPerSecond * segmentSeconds * weiPerMillionPixels) / 1e6
}

/** Chance to be caught within a round of `segments`. */
export function computeCaught({ q, rate, segments }) {
  return 1 - (1 - q) ** (segments * rate)
}

/**
 * Expected gain of one round, wei; negative: cheating does not pay.
 * @param {{ q: number, rate: number, segments: number, fee: number, penalty: number, lostSegments?: number }} of - `penalty` in wei;
 *   `lostSegments` that the stream would still have had
 */
export function computeCheatingGain({ q, rate, segments, fee, penalty, lostSegments = 0 }) {
  return q * segments * fee - computeCaught({ q, rate, segments }) * (penalty + lostSegments * fee)
}

/** What a token must be worth, wei, for a challenge to bring more than it costs: bounty over the attesters' part of the bond and gas. */
export function computeWorthwhilePrice({ stakeTokens, slashRate, bountyRate, bond, attesterShare, gasWei }) {
  const bountyTokens = (stakeTokens * slashRate * bountyRate) / PPM / PPM
  return ((bond * attesterShare) / PPM + gasWei) / bountyTokens
}

/** What a token must be worth, wei, for cheating to bring nothing. */
export function computeDeterringPrice({ q, rate, segments, fee, stakeTokens, slashRate }) {
  return (q * segments * fee) / (computeCaught({ q, rate, segments }) * ((stakeTokens * slashRate) / PPM))
}

/** The same by playing it: blocks of 1/rate segments, one drawn in each, each segment false with q; `random` gives numbers in [0, 1). */
export function playCheating({ q, rate, segments, fee, penalty, rounds, random }) {
  const block = Math.round(1 / rate)
  let total = 0
  for (let round = 0; round < rounds; round++) {
    let isCaught = false
    for (let start = 0; start < segments; start += block) {
      const drawn = Math.floor(random() * block)
      for (let i = 0; i < block && start + i < segments; i++) {
        const isFalse = random() < q
        if (isFalse) total += fee
        if (isFalse && i === drawn) isCaught = true
      }
    }
    if (isCaught) total -= penalty
  }
  return total / rounds
}

/** What a deployment's parameters come to, in numbers. */
export function readEconomy({ staking, challenges, rounds, services }) {
  const exact = services.find(({ slashRate }) => slashRate !== undefined)
  return {
    stakeTokens: Number(BigInt(staking.minimumStake)) / WEI, slashRate: exact.slashRate, bountyRate: exact.bountyRate,
    bond: Number(BigInt(challenges.bond)), attesterShare: challenges.attesterShare, roundSeconds: rounds.length,
  }
}
