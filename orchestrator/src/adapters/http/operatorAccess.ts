/** How the command line reaches the server that runs on this machine: an address and a token, in a file that only their owner can read. */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { StreamflowError } from '@streamflow/sdk/errors'
import { parseJson } from '@streamflow/sdk/protocol'

const accessSchema = v.object({ url: v.pipe(v.string(), v.url(), v.maxLength(256)), token: v.pipe(v.string(), v.minLength(32), v.maxLength(256)) })

/** The operator's own listener. */
export type OperatorAccess = v.InferOutput<typeof accessSchema>

const locate = (directory: string): string => join(directory, 'operator.json')

/** Tells where the server is. @returns takes it back */
export function publishAccess(directory: string, access: OperatorAccess): () => void {
  const path = locate(directory)
  const text = JSON.stringify(access)
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return () => {
    // Another one may have started in this place since.
    if (readText(path) === text) rmSync(path, { force: true })
  }
}

/** Where the server is. @throws {@link StreamflowError} `TransportFailed` if none runs with this data directory */
export function readAccess(directory: string): OperatorAccess {
  const text = readText(locate(directory))
  if (text === undefined) throw new StreamflowError('TransportFailed', `no server runs with the data directory ${directory}`, { help: 'Start it, or name its data directory with --data-directory.' })
  return parseJson(accessSchema, text)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
