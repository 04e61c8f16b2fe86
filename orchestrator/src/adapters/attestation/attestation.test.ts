import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeEvidence, evidenceLimits, hashEvidence } from '@streamflow/sdk/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSignedEvidence } from '../../../../sdk/test/createSignedEvidence.js'
import type { Attestation } from '../../core/attestation/attester.js'
import { createEvidenceFinder } from './createEvidenceFinder.js'
import { createEvidenceShelf } from './createEvidenceShelf.js'
import { createVerdictJournal } from './createVerdictJournal.js'
import { fetchBounded, isPrivateAddress } from './fetchBounded.js'
import { openAttestationServer, type AttestationServer } from './openAttestationServer.js'

const challengeId = `0x${'1'.repeat(64)}` as const
const guilty: Attestation = { attester: `0x${'a'.repeat(40)}`, challengeId, verdict: 'guilty', signature: `0x${'5'.repeat(130)}` }
const { evidence } = createSignedEvidence()
const receiptHash = hashEvidence(evidence)
const asked = { challengeId, orchestrator: evidence.receipt.orchestrator, challenger: `0x${'c'.repeat(40)}`, receiptHash, urls: [], deadline: 1n } as const

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-attestation-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the journal of verdicts', () => {
  it('keeps the first, whoever writes another, at once or after a restart', async () => {
    const journals = await Promise.all(Array.from({ length: 4 }, () => createVerdictJournal(folder)))
    const verdicts = ['guilty', 'innocent', 'unavailable', 'guilty'] as const
    const standing = await Promise.all(journals.map((journal, i) => journal.write({ ...guilty, verdict: verdicts[i] ?? 'guilty' })))
    expect(new Set(standing.map(({ verdict }) => verdict)).size).toBe(1)
    const again = await createVerdictJournal(folder)
    expect(await again.read(challengeId)).toEqual(standing[0])
    expect(await again.write({ ...guilty, signature: `0x${'6'.repeat(130)}` })).toEqual(standing[0])
    expect(await readdir(folder)).toEqual([`${challengeId}.json`])
    expect(await again.read(`0x${'2'.repeat(64)}`)).toBeUndefined()
  })

  it('signs nothing where what was signed cannot be read', async () => {
    await writeFile(join(folder, `${challengeId}.json`), '{"attester":')
    const journal = await createVerdictJournal(folder)
    await expect(journal.read(challengeId)).rejects.toMatchObject({ code: 'LedgerFailed' })
    await expect(journal.write(guilty)).rejects.toMatchObject({ code: 'LedgerFailed' })
  })
})

describe('fetching what a stranger named', () => {
  it.each(['127.0.0.1', '10.1.2.3', '192.168.0.9', '169.254.169.254', '::1', '::ffff:10.0.0.1', 'fd00::1', 'fe80::1', '0.0.0.0'])('knows that %s is no host on the internet', (address) => expect(isPrivateAddress(address)).toBe(true))
  it.each(['1.1.1.1', '203.0.113.9', '2606:4700::1111'])('knows that %s may be one', (address) => expect(isPrivateAddress(address)).toBe(false))

  it('asks no private address, by whatever name, and takes no more than it may', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/elsewhere') response.writeHead(302, { location: '/' }).end()
      else response.end(Buffer.alloc(2_000))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const bounds = { maxBytes: 3_000, timeoutMs: 5_000, allowPrivate: false }
    for (const url of [`http://127.0.0.1:${port}/`, `https://127.0.0.1:${port}/`, `https://[::1]:${port}/`, `https://localhost:${port}/`]) await expect(fetchBounded(url, bounds)).rejects.toMatchObject({ code: 'EvidenceUnavailable' })
    expect(await fetchBounded(`http://127.0.0.1:${port}/`, { ...bounds, allowPrivate: true })).toHaveLength(2_000)
    await expect(fetchBounded(`http://127.0.0.1:${port}/`, { ...bounds, allowPrivate: true, maxBytes: 1_999 })).rejects.toMatchObject({ message: expect.stringContaining('more than 1999') as string })
    await expect(fetchBounded(`http://127.0.0.1:${port}/elsewhere`, { ...bounds, allowPrivate: true })).rejects.toMatchObject({ message: expect.stringContaining('302') as string })
    server.close()
  })
})

describe('a member’s listener', () => {
  let server: AttestationServer
  let isKnown = true
  beforeEach(async () => {
    const journal = await createVerdictJournal(join(folder, 'verdicts'))
    await journal.write(guilty)
    server = await openAttestationServer({ host: '127.0.0.1', port: 0, shelf: createEvidenceShelf({ folder: join(folder, 'evidence'), maxBytes: 1_000_000 }), journal, isWorthKeeping: async () => isKnown })
  })
  afterEach(async () => {
    isKnown = true
    await server.close()
  })
  const post = (body: Uint8Array<ArrayBuffer>): Promise<Response> => fetch(`${server.url}/v1/evidence`, { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } })

  it('takes evidence from anybody who has some, and another member has it from there', async () => {
    const taken = await post(encodeEvidence(evidence))
    expect(taken.status).toBe(201)
    expect(taken.headers.get('access-control-allow-origin')).toBe('*')
    const { url } = (await taken.json()) as { url: string }
    expect(url).toBe(`${server.url}/v1/evidence/${receiptHash}`)
    const missed: unknown[] = []
    const shelf = createEvidenceShelf({ folder: join(folder, 'other'), maxBytes: 1_000_000 })
    const byMember = createEvidenceFinder({ shelf, members: [server.url], allowPrivate: false, missed: (error) => missed.push(error) })
    expect((await byMember.find(asked))?.receipt).toEqual(evidence.receipt)
    expect(missed).toEqual([])
    // Held from now on, until no challenge asks for it.
    const alone = createEvidenceFinder({ shelf, members: [], allowPrivate: false, missed: () => undefined })
    expect(await alone.find(asked)).toBeDefined()
    await shelf.release(new Set())
    expect(await alone.find(asked)).toBeUndefined()
    const byChallenger = createEvidenceFinder({ shelf, members: [], allowPrivate: true, missed: () => undefined })
    expect(await byChallenger.find({ ...asked, urls: ['http://127.0.0.1:1/nothing', url] })).toBeDefined()
    expect(await byChallenger.find({ ...asked, receiptHash: `0x${'9'.repeat(64)}`, urls: [url] })).toBeUndefined()
  })

  it('takes nothing else', async () => {
    expect((await post(new Uint8Array(500))).status).toBe(400)
    isKnown = false
    expect((await post(encodeEvidence(evidence))).status).toBe(401)
    const tooLong = await fetch(`${server.url}/v1/evidence`, { method: 'POST', body: new Uint8Array(10), headers: { 'content-length': String(evidenceLimits.bytes + 1) } }).catch((error: unknown) => error)
    expect(tooLong instanceof Error || (tooLong as Response).status === 413).toBe(true)
    for (const path of ['/', '/v1/evidence/../../secret', `/v1/evidence/${receiptHash}`, `/v1/verdicts/0x${'2'.repeat(64)}`]) expect((await fetch(`${server.url}${path}`)).status).toBe(404)
    expect(await (await fetch(`${server.url}/v1/verdicts/${challengeId}`)).json()).toEqual(guilty)
  })
})
