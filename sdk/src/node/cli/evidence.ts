/** `evidence …`: what this machine keeps to prove what orchestrators did. */

import { writeFile } from 'node:fs/promises'
import { exportEvidence, listEvidence } from '../../actions/evidence.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Hex } from '../../units/hex.js'
import type { Command } from './command.js'
import { formatTable } from './formatTable.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

const hashPattern = /^0x[0-9a-f]{64}$/i

/** A hash as the only word after a command. @throws {@link StreamflowError} `InvalidArgument` */
export function readHashWord([word, ...rest]: readonly string[], what: string): Hex {
  if (word !== undefined && hashPattern.test(word) && rest.length === 0) return word.toLowerCase() as Hex
  throw new StreamflowError('InvalidArgument', `expected ${what}: 32 bytes as 0x-hex`)
}

/** `evidence list` */
export const evidenceListCommand: Command<Context> = {
  usage: 'evidence list [--json]',
  summary: 'show the evidence that is kept here: of which segments, whose, and why',
  example: 'evidence list',
  async run(context) {
    const evidence = await listEvidence({ store: context.stores.evidenceStore })
    const rows = evidence.map(({ receiptHash, recordedAtMs, orchestrator, seq, round, bytes, reason }) => [receiptHash, new Date(recordedAtMs).toISOString(), orchestrator, String(seq), String(round), String(bytes), reason])
    report({ evidence }, { ...context, sentence: evidence.length === 0 ? 'no evidence is kept' : formatTable(['receipt', 'kept', 'orchestrator', 'segment', 'round', 'bytes', 'why'], rows).join('\n') })
    return 0
  },
}

/** `evidence export` */
export const evidenceExportCommand: Command<Context> = {
  usage: 'evidence export <receipt> --output <file> [--json]',
  summary: 'write the evidence of one segment into a file that proves by itself what was sent and what was signed',
  example: `evidence export 0x${'1'.repeat(64)} --output segment.evidence`,
  takesWords: true,
  async run(context) {
    const receiptHash = readHashWord(context.words, 'the receipt of one segment (see `evidence list`)')
    const path = context.flags['output']
    if (path === undefined) throw new StreamflowError('InvalidArgument', 'expected --output with the file to write')
    const file = await exportEvidence({ receiptHash, store: context.stores.evidenceStore })
    await writeFile(path, file, { flag: 'wx' }).catch((cause: unknown) => {
      throw new StreamflowError('InvalidArgument', `--output: ${path} cannot be written, or is there already`, { cause })
    })
    report({ receiptHash, path, bytes: file.length }, { ...context, sentence: `${path}: ${file.length} bytes` })
    return 0
  },
}
