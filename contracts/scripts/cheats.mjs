// Command line: npm run --workspace contracts cheats -- [local|testnet]
// What a broadcaster that cheats gains, under the parameters of a deployment: a table of five ways to do it, by the number of
// orchestrators that are cheated at once and by what backs their tickets. Amounts are in units of the work that one of them
// does before it finds out (the expected value of its tickets, which is what its winners are worth on average).
import { parameterSets } from '../deploy/parameterSets.mjs'

const PPM = 1_000_000
/** As in contracts/src/libraries/Batches.sol. */
const EXECUTOR_SHARE = 100_000 / PPM
/** Work of one orchestrator. */
const WORK = 1
/** What two transactions cost, in the same unit: a face value is 100 redemptions, and a winner is a face value. */
const GAS = 0.02

const VICTIMS = [1, 2, 3, 10]
const BACKINGS = [
  { name: 'nothing (refused by default)', escrow: () => 0, reserve: 0 },
  { name: 'escrow of one orchestrator\'s work (asked for by default)', escrow: () => WORK, reserve: 0 },
  { name: 'escrow of all the work', escrow: (victims) => victims * WORK, reserve: 0 },
  { name: 'reserve designated to each', escrow: () => 0, reserve: WORK },
]

/**
 * The gain of leaving winners unpaid: the work, less what designations pay, less what burns. The victims' redeemers execute
 * the penalty, so nothing of it comes back; an accomplice that executed it first would get at most half.
 */
function gainOfUnpaidWork({ victims, escrow, reserve, burnShare }) {
  const unpaid = victims * Math.max(WORK - reserve, 0)
  return unpaid - Math.min(escrow, unpaid * burnShare) - GAS
}

/** Burning one's own escrow through an accomplice before the victims do: half of it comes back at best, the rest is gone. */
function gainOfSpoiling({ victims, escrow, reserve }) {
  const unpaid = victims * Math.max(WORK - reserve, 0)
  const comesBack = escrow * Math.min(0.5, EXECUTOR_SHARE)
  return unpaid - (escrow - comesBack) - 2 * GAS
}

const CHEATS = {
  // An accomplice redeems a sure winner and empties the deposit while others' winners wait.
  drain: gainOfUnpaidWork,
  // The same with the cap of a grant: what it withholds is a shortfall up to the escrow cap, so it is the same trade.
  cap: gainOfUnpaidWork,
  spoil: gainOfSpoiling,
  // Evidence withheld from attesters: the whole bond goes to them, whatever it was meant to bring.
  withhold: () => -WORK,
  // Tickets of an ended key to an account of the cheat's own: refused, unless it holds the minimum stake in the ticket's round.
  backdate: () => -GAS,
}

function main() {
  const name = process.argv[2] ?? 'testnet'
  const parameters = parameterSets[name]
  if (parameters === undefined) throw new Error(`unknown parameters '${name}': expected ${Object.keys(parameterSets).join(', ')}`)
  const burnShare = parameters.ticketBroker.escrowBurnShare / PPM
  const rows = BACKINGS.flatMap(({ name: backing, escrow, reserve }) =>
    VICTIMS.map((victims) => {
      const gains = Object.entries(CHEATS).map(([cheat, gain]) => [cheat, gain({ victims, escrow: escrow(victims), reserve, burnShare }).toFixed(2)])
      return { backing, orchestrators: victims, ...Object.fromEntries(gains) }
    }),
  )
  console.log(`Gain of a cheat under the parameters '${name}' (burn share ${burnShare}), in units of one orchestrator's work`)
  console.table(rows)
  console.log('Positive where escrow does not cover the work of all who are cheated at once, and no reserve is designated to them:')
  console.log('one escrow is shown to many. What each orchestrator asks for bounds it; a designation is its own and is not shared.')
  console.log('Spoiling brings back the executor\'s share: escrow that is a ninth above the work makes it negative.')
}

main()
