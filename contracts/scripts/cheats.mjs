// Command line: npm run --workspace contracts cheats -- [local|testnet]
// What a broadcaster that cheats gains, under the parameters of a deployment and the defaults of orchestrators: a table of five
// ways to do it, by how many orchestrators are cheated at once, by what backs their tickets, and by how much work each does
// before it finds out. Amounts are in face values: what a winner is paid.
import { parameterSets } from '../deploy/parameterSets.mjs'

const PPM = 1_000_000
/** As in contracts/src/libraries/Batches.sol. */
const EXECUTOR_SHARE = 100_000 / PPM
/** What a transaction costs: a face value is worth 100 redemptions. */
const GAS = 0.01

const VICTIMS = [1, 3, 10, 30]
/**
 * The expected value of the tickets that an orchestrator holds hidden, which is the chance that one of them has won. A stream
 * of 0.0003 ether an hour, in 20 s (two rotations) and at a face value of 0.011 ether (100 redemptions at a gwei), has 0.00015.
 */
const HIDDEN = [0.001, 0.02, 0.1]
const BACKINGS = [
  { name: 'nothing (refused by default)', escrow: 0, reserve: 0 },
  { name: 'escrow of a face value (default)', escrow: 1, reserve: 0 },
  { name: 'escrow of three', escrow: 3, reserve: 0 },
  { name: 'reserve designated to each', escrow: 0, reserve: 1 },
]

/** The chance that `count` of `victims` hold a winner each. */
function chanceOf(count, victims, hidden) {
  let combinations = 1
  for (let i = 0; i < count; i++) combinations = (combinations * (victims - i)) / (i + 1)
  return combinations * hidden ** count * (1 - hidden) ** (victims - count)
}

/** What is expected over how many hold a winner. */
function expect({ victims, hidden }, outcome) {
  return Array.from({ length: victims + 1 }, (_, winners) => chanceOf(winners, victims, hidden) * outcome(winners)).reduce((sum, value) => sum + value, 0)
}

/**
 * Leaving winners unpaid. It cannot be done after a look at what has won: numbers are hidden until a ticket's parameters are
 * over. So the gain is what the hidden tickets are worth, less what designations pay of them, less what burns for the winners
 * among them. The victims' redeemers execute the penalty, so nothing of it comes back.
 */
function gainOfUnpaidWork({ victims, hidden, escrow, reserve, burnShare }) {
  const unpaid = (winners) => winners * Math.max(1 - reserve, 0)
  return expect({ victims, hidden }, (winners) => unpaid(winners) - Math.min(escrow, unpaid(winners) * burnShare)) - 2 * GAS
}

/** Burning one's own escrow through an accomplice before the victims do: the executor's share comes back, the rest is gone. */
function gainOfSpoiling({ victims, hidden, escrow, reserve }) {
  const unpaid = victims * hidden * Math.max(1 - reserve, 0)
  return unpaid - escrow * (1 - EXECUTOR_SHARE) - 3 * GAS
}

const CHEATS = {
  // An accomplice redeems a sure winner and empties the deposit while others' winners wait.
  drain: gainOfUnpaidWork,
  // The same with the cap of a grant: what it withholds is a shortfall up to the escrow cap, so it is the same trade.
  cap: gainOfUnpaidWork,
  spoil: gainOfSpoiling,
  // Evidence withheld from attesters: the whole bond goes to them, whatever it was meant to bring.
  withhold: ({ bond }) => -bond,
  // Tickets of an ended key to an account of the cheat's own: refused, unless it holds the minimum stake in the ticket's round.
  backdate: () => -GAS,
}

function main() {
  const name = process.argv[2] ?? 'testnet'
  const parameters = parameterSets[name]
  if (parameters === undefined) throw new Error(`unknown parameters '${name}': expected ${Object.keys(parameterSets).join(', ')}`)
  const burnShare = parameters.ticketBroker.escrowBurnShare / PPM
  const positive = []
  const rows = BACKINGS.flatMap(({ name: backing, escrow, reserve }) =>
    HIDDEN.flatMap((hidden) =>
      VICTIMS.map((victims) => {
        const gains = Object.entries(CHEATS).map(([cheat, gain]) => [cheat, gain({ victims, hidden, escrow, reserve, burnShare, bond: 1 })])
        for (const [cheat, gain] of gains) if (gain > 0) positive.push({ backing, hidden, victims, cheat })
        return { backing, 'hidden work of each': hidden, orchestrators: victims, ...Object.fromEntries(gains.map(([cheat, gain]) => [cheat, gain.toFixed(4)])) }
      }),
    ),
  )
  console.log(`Gain of a cheat under the parameters '${name}' (burn share ${burnShare}), in face values; positive in ${positive.length} of ${rows.length * Object.keys(CHEATS).length} cases:`)
  console.table(rows)
  for (const { name: backing } of BACKINGS) {
    const cases = positive.filter((entry) => entry.backing === backing)
    console.log(`${backing}: ${cases.length === 0 ? 'nowhere positive' : `positive where ${cases.map(({ cheat, hidden, victims }) => `${victims} × ${hidden} (${cheat})`).join(', ')}`}`)
  }
  console.log('One escrow is shown to many, so it pays where two or more are likely to hold a winner at once; a designation is each one\'s own.')
}

main()
