/** `challenge …`: an orchestrator that made what is false is brought before those who judge. */

import { readFile } from 'node:fs/promises'
import { challenge } from '../../actions/challenge.js'
import { getChallengeCredit, withdrawChallengeCredit } from '../../actions/challengeCredit.js'
import { readEvidence } from '../../actions/evidence.js'
import { getChallenge, type ChallengeState } from '../../actions/getChallenge.js'
import { settleChallenge } from '../../actions/settleChallenge.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { evidenceLimits } from '../../protocol/evidence.js'
import { formatAmount, readAddressFlag, readAmount, requireAmount } from './amounts.js'
import type { Command } from './command.js'
import { readHashWord } from './evidence.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

const exampleId = `0x${'2'.repeat(64)}`

async function readFileOf(path: string): Promise<Uint8Array> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new StreamflowError('InvalidArgument', `${path} cannot be read`, { cause })
  })
  if (file.length > evidenceLimits.bytes) throw new StreamflowError('MessageTooLarge', `${path}: ${file.length} bytes`, { data: { limitBytes: evidenceLimits.bytes } })
  return new Uint8Array(file)
}

const readList = (text: string | undefined): readonly string[] => (text ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '')

function describe({ orchestrator, verdict, state, deadline }: ChallengeState): string {
  const said = verdict === undefined ? 'there is no verdict' : `the verdict is ${verdict}`
  const end = { waiting: `until round ${deadline}`, settleable: 'to be settled', settled: 'settled' }[state]
  return `challenge of ${orchestrator}: ${said}, ${end}`
}

/** `challenge` */
export const challengeCommand: Command<Context> = {
  usage: 'challenge <file> --bond <ether> [--attester <url>] … [--url <url>] [--json]',
  summary: 'challenge an orchestrator with a file of evidence; the bond is lost if it is innocent, or the evidence is not to be had',
  example: 'challenge segment.evidence --bond 0.1 --attester https://attester.example.org',
  details: 'The evidence is handed to the first attester that takes it, and every other member of the committee has it from there.',
  takesWords: true,
  async run(context) {
    const [path, ...rest] = context.words
    if (path === undefined || rest.length > 0) throw new StreamflowError('InvalidArgument', 'expected one file of evidence: see `evidence export`')
    const evidence = readEvidence(await readFileOf(path))
    const { challengeId, bond, deadline, hash } = await challenge(evidence, {
      network: await context.network(), wallet: await context.wallet(), bond: requireAmount('bond', context.flags['bond'], 'ether'),
      attesters: readList(context.flags['attester']), urls: readList(context.flags['url']),
    })
    const { orchestrator } = evidence.receipt
    report({ challengeId, orchestrator, bond, deadline, transaction: hash }, { ...context, sentence: `${orchestrator} is challenged as ${challengeId}, with ${formatAmount(bond)} ETH; the answer comes until round ${deadline}` })
    return 0
  },
}

/** `challenge show` */
export const challengeShowCommand: Command<Context> = {
  usage: 'challenge show <challenge> [--json]',
  summary: 'show how a challenge stands',
  example: `challenge show ${exampleId}`,
  takesWords: true,
  async run(context) {
    const challengeId = readHashWord(context.words, 'a challenge')
    const state = await getChallenge({ network: await context.network(), challengeId })
    report({ challengeId, challenge: state ?? null }, { ...context, sentence: state === undefined ? 'there is no such challenge, or it ended without an answer' : describe(state) })
    return 0
  },
}

/** `challenge settle` */
export const challengeSettleCommand: Command<Context> = {
  usage: 'challenge settle <challenge> [--json]',
  summary: 'let a verdict take effect, or end a challenge that nobody answered; anyone may',
  example: `challenge settle ${exampleId}`,
  takesWords: true,
  async run(context) {
    const challengeId = readHashWord(context.words, 'a challenge')
    const { hash } = await settleChallenge({ network: await context.network(), wallet: await context.wallet(), challengeId })
    report({ challengeId, transaction: hash }, { ...context, sentence: `${challengeId} is settled` })
    return 0
  },
}

/** `challenge credit` */
export const challengeCreditCommand: Command<Context> = {
  usage: 'challenge credit [--account <address>] [--json]',
  summary: 'show what challenges brought the account and is still to be taken out: bonds that came back or were won, shares of those who judged',
  example: 'challenge credit',
  async run(context) {
    const account = await context.account()
    const credit = await getChallengeCredit({ network: await context.network(), account })
    report({ account, credit }, { ...context, sentence: `${account}: ${formatAmount(credit)} ETH of challenges to withdraw` })
    return 0
  },
}

/** `challenge withdraw` */
export const challengeWithdrawCommand: Command<Context> = {
  usage: 'challenge withdraw [--amount <ether>] [--to <address>] [--json]',
  summary: 'take that out, all of it or a part, to the key’s account or another one',
  example: 'challenge withdraw',
  details: 'Challengers, orchestrators that were challenged in vain, and members of the committee have it: with --key-file their keystore files do here.',
  async run(context) {
    const { flags } = context
    const wanted = readAmount('amount', flags['amount'], 'ether')
    const wallet = await context.wallet()
    const to = flags['to'] === undefined ? wallet.address : readAddressFlag('to', flags['to'])
    const network = await context.network()
    if (wanted === undefined && (await getChallengeCredit({ network, account: wallet.address })) === 0n) {
      report({ account: wallet.address, amount: 0n, to }, { ...context, sentence: `${wallet.address}: there is nothing to withdraw` })
      return 0
    }
    const { amount, hash } = await withdrawChallengeCredit({ network, wallet, to, ...(wanted !== undefined && { amount: wanted }) })
    report({ account: wallet.address, amount, to, transaction: hash }, { ...context, sentence: `${formatAmount(amount)} ETH withdrawn to ${to}` })
    return 0
  },
}
