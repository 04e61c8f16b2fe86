/** `pool members`, `pool evidence`, `pool payouts`: who joined a public pool by themselves, and what became of it. */

import { formatTable, report } from '@streamflow/sdk/cli'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createKeySigner } from '@streamflow/sdk/payments'
import { createPayer } from '../adapters/chain/createPayer.js'
import { openPoolBooks } from '../adapters/ledger/openPoolBooks.js'
import type { Config } from '../config/settings.js'
import type { PayoutRecord, PoolBooks } from '../core/pool/books.js'
import { payOut } from '../core/pool/payOut.js'
import { computeAtRisk, computePayable, computeWithheld, type MemberAccount } from '../core/pool/standing.js'
import { readPoolPolicy } from '../openPublicPool.js'
import type { Command } from './command.js'
import { readAccount, readNetwork, readPrivateKey } from './operator.js'

/** How often a payment that is under way is looked at. */
const lookMs = 1_000

async function withBooks<T>(config: Config, work: (books: PoolBooks) => Promise<T>): Promise<T> {
  const { directory, postgresUrl } = config.data
  const books = await openPoolBooks({ directory, postgresUrl, orchestrator: await readAccount(config) })
  try {
    return await work(books)
  } finally {
    await books.close()
  }
}

const list = ({ transaction: _transaction, ...payout }: PayoutRecord) => payout

/** `pool members` */
export const poolMembersCommand: Command = {
  usage: 'pool members [--json]',
  summary: 'show who joined the public pool, what they made and earned, and what of it is withheld',
  example: 'pool members',
  details: 'Amounts are wei. Withheld is a member’s deposit; at risk is work that no check has vouched for yet. `pool evidence` shows why one is banned.',
  async run({ load, print, isJson }) {
    const { config } = load()
    const policy = readPoolPolicy(config)
    const accounts = await withBooks(config, (books) => books.listMembers())
    const members = accounts.map(({ evidence: _evidence, charged: _charged, vouched: _vouched, ...account }, index) => {
      const whole = accounts[index] as MemberAccount
      return { ...account, atRisk: computeAtRisk(whole), withheld: computeWithheld(whole, policy), due: computePayable(whole, policy) }
    })
    const rows = members.map(({ member, payTo, segments, pixels, earned, paid, due, withheld, atRisk, passed, isBanned, taken }) =>
      [member, payTo, ...[segments, pixels, earned, paid, due, withheld, atRisk, passed].map(String), isBanned ? `banned, ${taken} taken` : 'good'])
    const sentence = rows.length === 0 ? 'nobody has worked for the public pool yet' : formatTable(['member', 'paid at', 'segments', 'pixels', 'earned', 'paid', 'due', 'withheld', 'at risk', 'checks', 'state'], rows).join('\n')
    report({ members }, { isJson, print, sentence })
    return 0
  },
}

/** `pool evidence` */
export const poolEvidenceCommand: Command = {
  usage: 'pool evidence <member> [--json]',
  summary: 'show what a banned member signed, what was found wrong with it, and where the bytes are kept',
  example: `pool evidence U${'A'.repeat(55)}`,
  takesWords: true,
  details: 'The signature is the member’s, over these lines: "streamflow pool result 1", the pool, stream, segment, source’s hash, each rendition with hash and frames, and the pixels.',
  async run({ load, words, print, isJson }) {
    const [member, ...rest] = words
    if (member === undefined || rest.length > 0) throw new StreamflowError('InvalidArgument', 'pool evidence: expected one member')
    const { account } = await withBooks(load().config, (books) => books.read(member))
    if (account?.evidence === undefined) throw new StreamflowError('InvalidArgument', `there is nothing against ${member}`)
    const evidence = JSON.parse(account.evidence) as Readonly<Record<string, unknown>>
    report({ member, taken: account.taken, ...evidence }, { isJson, print, sentence: JSON.stringify({ member, taken: String(account.taken), ...evidence }, undefined, 2) })
    return 0
  },
}

/** `pool payouts` */
export const poolPayoutsCommand: Command = {
  usage: 'pool payouts [now] [--json]',
  summary: 'show what members of the public pool were paid; `now` pays what is due',
  example: 'pool payouts now',
  takesWords: true,
  details: 'A running server pays by itself every pool.payoutHours. A payment is signed once, written down, and only ever shown again: ending this in the middle pays nobody twice.',
  async run({ load, words, print, isJson, progress }) {
    const { config } = load()
    if (words.length > 1 || (words.length === 1 && words[0] !== 'now')) throw new StreamflowError('InvalidArgument', 'pool payouts: expected nothing, or now')
    const { payouts, unpayable } = await withBooks(config, async (books) => {
      const refused = words.length === 0 ? [] : await payAll(config, books, progress)
      return { payouts: (await books.listPayouts()).map(list), unpayable: refused }
    })
    const rows = payouts.map(({ member, number, payTo, amount, state, hash }) => [member, String(number), payTo, String(amount), state, hash])
    const sentence = [...(rows.length === 0 ? ['nobody was paid yet'] : formatTable(['member', 'number', 'paid at', 'wei', 'state', 'transaction'], rows)), ...unpayable.map((member) => `${member} wants to be paid at a contract: it is not`)].join('\n')
    report({ payouts, unpayable }, { isJson, print, sentence })
    return 0
  },
}

/** @returns whom a plain transfer does not reach */
async function payAll(config: Config, books: PoolBooks, progress: (line: string) => void): Promise<readonly string[]> {
  const payer = createPayer({ ...readNetwork(config), signer: createKeySigner(await readPrivateKey(config)), confirmations: config.network.confirmations })
  const policy = readPoolPolicy(config)
  for (;;) {
    const { sent, paid, failed, unpayable } = await payOut({ books, payer, policy, now: () => Date.now() / 1_000 })
    for (const { member, amount } of paid) progress(`${member} is paid ${amount} wei`)
    for (const { member, amount } of failed) progress(`${amount} wei did not reach ${member}`)
    if (sent.length === 0) return unpayable
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}
