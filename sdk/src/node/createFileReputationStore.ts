/** What is known of orchestrators, in a file. */

import { homedir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { isErrorCode, type ErrorCode } from '../errors/codes.js'
import type { ReputationRecord, ReputationStore } from '../market/createReputation.js'
import { addressField, countField } from '../protocol/fields.js'
import { parseJson, stringify } from '../protocol/message.js'
import { openPrivateFile } from './privateFile.js'

const defaultMaxRecords = 1_000

const weight = v.pipe(v.number(), v.minValue(0), v.maxValue(1e9))
const suspicion = v.exactOptional(v.object({ looks: countField(), sum: weight }))
const recordSchema = v.object({
  orchestrator: addressField,
  successes: weight,
  failures: weight,
  asOfMs: v.number(),
  suspensions: countField(),
  suspendedUntilMs: v.number(),
  cause: v.exactOptional(v.custom<ErrorCode>(isErrorCode)),
  suspicions: v.exactOptional(v.object({ quality: suspicion, 'sound-level': suspicion, 'sound-other': suspicion })),
})
const fileSchema = v.object({ version: v.literal(1), records: v.array(recordSchema) })

function parse(text: string | undefined): readonly ReputationRecord[] {
  return text === undefined ? [] : parseJson(fileSchema, text).records
}

/**
 * Node's store of what broadcasts learn about orchestrators, for the option `reputationStore`.
 * @param options.path - @default `~/.streamflow/reputation.json`
 * @param options.maxRecords - orchestrators remembered; the one dealt with longest ago goes first. @default 1000
 */
export function createFileReputationStore({ path = join(homedir(), '.streamflow', 'reputation.json'), maxRecords = defaultMaxRecords }: { readonly path?: string; readonly maxRecords?: number } = {}): ReputationStore {
  const file = openPrivateFile(path)
  return {
    load: async () => parse(await file.read()),
    save: (record) =>
      file.change((text) => {
        const others = parse(text).filter(({ orchestrator }) => orchestrator !== record.orchestrator)
        const records = [...others, record].sort((a, b) => b.asOfMs - a.asOfMs).slice(0, maxRecords)
        return { text: stringify({ version: 1, records }), result: undefined }
      }),
  }
}
