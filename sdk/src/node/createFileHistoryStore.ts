/** The history of broadcasts in a file. */

import { homedir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import type { HistoryEntry, HistoryStore } from '../broadcaster/report/history.js'
import { isErrorCode, type ErrorCode } from '../errors/codes.js'
import { addressField, bytes32Field, countField, intField, uintField } from '../protocol/fields.js'
import { parseJson, stringify } from '../protocol/message.js'
import { openPrivateFile } from './privateFile.js'

const defaultMaxEntries = 500

const refusedSchema = v.object({ hash: bytes32Field, value: uintField, faceValue: uintField, round: uintField })
const siteSchema = v.object({
  orchestrator: addressField,
  uri: v.string(),
  segments: countField(),
  tickets: countField(),
  credited: uintField,
  fees: uintField,
  balance: intField,
  sent: v.exactOptional(v.object({ tickets: countField(), value: uintField })),
  refused: v.exactOptional(v.array(refusedSchema)),
})
const entrySchema = v.object({
  streamId: bytes32Field,
  chainId: countField(),
  sender: addressField,
  startedAtMs: v.number(),
  updatedAtMs: v.number(),
  state: v.picklist(['live', 'reconnecting', 'stopping', 'ended', 'failed']),
  segmentsLost: countField(),
  code: v.exactOptional(v.custom<ErrorCode>(isErrorCode)),
  playbackUrl: v.string(),
  sites: v.array(siteSchema),
})
const fileSchema = v.object({ version: v.literal(1), entries: v.array(entrySchema) })

function parse(text: string | undefined): readonly HistoryEntry[] {
  return text === undefined ? [] : parseJson(fileSchema, text).entries
}

/**
 * Node's store of broadcasts, for the option `historyStore` and for `getStatement`.
 * @param options.path - @default `~/.streamflow/history.json`
 * @param options.maxEntries - broadcasts kept; the oldest go first. @default 500
 */
export function createFileHistoryStore({ path = join(homedir(), '.streamflow', 'history.json'), maxEntries = defaultMaxEntries }: { readonly path?: string; readonly maxEntries?: number } = {}): HistoryStore {
  const file = openPrivateFile(path)
  const latestFirst = (entries: readonly HistoryEntry[]): readonly HistoryEntry[] => [...entries].sort((a, b) => b.startedAtMs - a.startedAtMs)
  return {
    put: (entry) =>
      file.change((text) => {
        const others = parse(text).filter(({ streamId }) => streamId !== entry.streamId)
        return { text: stringify({ version: 1, entries: latestFirst([...others, entry]).slice(0, maxEntries) }), result: undefined }
      }),
    list: async (limit) => latestFirst(parse(await file.read())).slice(0, limit),
  }
}
