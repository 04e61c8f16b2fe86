import { expect } from 'chai'
import { createSignedEvidence } from '../../../test/createSignedEvidence.js'
import { decodeEvidence, encodeEvidence, hashEvidence } from '../../protocol/evidence.js'
import { createBrowserEvidenceStore } from './createBrowserEvidenceStore.js'

describe('the page keeps evidence', () => {
  it('for the next page of this origin, as a file, until it is too much', async () => {
    const old = createSignedEvidence({ seq: 1, recordedAtMs: Date.now() - 2_000 }).evidence
    const recent = createSignedEvidence({ seq: 2, recordedAtMs: Date.now() }).evidence
    await (await createBrowserEvidenceStore()).put(old)
    const store = await createBrowserEvidenceStore({ maxBytes: 2 * encodeEvidence(old).length })
    await store.put(recent)
    expect((await store.list()).map(({ seq }) => seq)).to.deep.equal([2, 1])
    const file = await store.read(hashEvidence(old))
    expect(file && decodeEvidence(file)).to.deep.equal(old)
    await (await createBrowserEvidenceStore({ maxBytes: 1 })).put(recent)
    expect((await store.list()).map(({ seq }) => seq)).to.deep.equal([2])
    await store.remove(hashEvidence(recent))
    expect(await store.read(hashEvidence(recent))).to.equal(undefined)
  })
})
