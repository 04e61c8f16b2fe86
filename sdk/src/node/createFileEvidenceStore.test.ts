import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSignedEvidence } from '../../test/createSignedEvidence.js'
import { exportEvidence, listEvidence, readEvidence } from '../actions/evidence.js'
import { encodeEvidence, hashEvidence } from '../protocol/evidence.js'
import { createFileEvidenceStore } from './createFileEvidenceStore.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-evidence-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('evidence in a folder', () => {
  it('is there after a restart, as a file that can be handed over', async () => {
    const { evidence } = createSignedEvidence()
    const receiptHash = hashEvidence(evidence)
    expect(await listEvidence({ store: createFileEvidenceStore({ folder: join(folder, 'none') }) })).toEqual([])
    await createFileEvidenceStore({ folder }).put(evidence)
    const store = createFileEvidenceStore({ folder })
    expect(await listEvidence({ store })).toMatchObject([{ receiptHash, seq: 3, round: 5n, reason: evidence.reason, bytes: encodeEvidence(evidence).length }])
    expect(readEvidence(await exportEvidence({ receiptHash, store }))).toEqual(evidence)
    expect((await stat(join(folder, (await readdir(folder))[0] ?? ''))).mode & 0o777).toBe(0o600)
    await store.remove(receiptHash)
    await expect(exportEvidence({ receiptHash, store })).rejects.toMatchObject({ code: 'InvalidArgument' })
  })

  it('goes when it is too old, or too much, the oldest first', async () => {
    const nowMs = Date.now()
    const store = createFileEvidenceStore({ folder, maxAgeMs: 60_000, maxBytes: 5_000 })
    const put = async (seq: number, ageMs: number): Promise<void> => store.put(createSignedEvidence({ seq, size: 500, recordedAtMs: nowMs - ageMs }).evidence)
    for (const [seq, ageMs] of [[1, 120_000], [2, 3_000], [3, 2_000], [4, 1_000]] as const) await put(seq, ageMs)
    const kept = (await store.list()).map(({ seq }) => seq)
    expect(kept[0]).toBe(4)
    expect(kept).not.toContain(1)
    const { length } = encodeEvidence(createSignedEvidence({ size: 500 }).evidence)
    expect(kept.length).toBeLessThanOrEqual(Math.floor(5_000 / length))
  })

  it('is found beside files that are none', async () => {
    const store = createFileEvidenceStore({ folder })
    await store.put(createSignedEvidence().evidence)
    await writeFile(join(folder, 'broken.evidence'), 'nothing')
    expect(await store.list()).toHaveLength(1)
  })
})
