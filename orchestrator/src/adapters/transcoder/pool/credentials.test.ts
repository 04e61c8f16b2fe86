/** Credentials as the operator makes them, at a real nats-server that asks for them. */

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNatsServer, type NatsServer } from '../../../../../test/media-fixtures/natsServer.js'
import { startPoolMember } from '../../../../../test/media-fixtures/poolMembers.js'
import { createPool } from './createPool.js'
import { readCredentials } from './credentials.js'
import { addMember, listMembers, revokeMember } from './poolAuthority.js'
import { nameSubjects } from './subjects.js'

const directory = mkdtempSync(join(tmpdir(), 'streamflow-credentials-'))
const pool = '0x1111111111111111111111111111111111111111'
const subjects = nameSubjects(pool)
let nats: NatsServer
let folder = { directory, listen: '' }
const files: Record<string, string> = {}

beforeAll(async () => {
  nats = await startNatsServer((listen) => {
    folder = { directory, listen }
    files['other'] = addMember(folder, { pool: 'other', name: 'orchestrator', role: 'orchestrator' }).credentialsFile
    files['orchestrator'] = addMember(folder, { pool, name: 'orchestrator', role: 'orchestrator' }).credentialsFile
    files['gpu-1'] = addMember(folder, { pool, name: 'gpu-1', role: 'transcoder' }).credentialsFile
    const { credentialsFile, serverFile } = addMember(folder, { pool, name: 'gpu-2', role: 'transcoder' })
    files['gpu-2'] = credentialsFile
    return serverFile
  })
})
afterAll(async () => {
  await nats.stop()
  rmSync(directory, { recursive: true, force: true })
})

const read = (name: string): string => readFileSync(files[name] ?? '', 'utf8')
const open = (name: string): Promise<NatsConnection> => connect({ servers: nats.url, reconnect: false, authenticator: credsAuthenticator(Buffer.from(read(name))) })

/** What the server answers to a subscription: nothing, or that it is not allowed. */
async function trySubscribe(connection: NatsConnection, subject: string): Promise<string | undefined> {
  let refused: string | undefined
  connection.subscribe(subject, { callback: (error) => void (refused = error?.message) })
  await connection.flush()
  return refused
}

test('name their pool and holder, and are for their owner alone', () => {
  const { key } = readCredentials(read('gpu-1'))
  expect(readCredentials(read('gpu-1'))).toEqual({ pool, key: listMembers(directory, pool).find(({ name }) => name === 'gpu-1')?.key })
  expect(key).toMatch(/^U[A-Z2-7]{55}$/)
  for (const path of [...Object.values(files), join(directory, 'authority.json')]) expect(statSync(path).mode & 0o077).toBe(0)
  expect(() => readCredentials('-----BEGIN NATS USER JWT-----\nx.e30.y\n------END NATS USER JWT------')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }) as Error)
  expect(() => addMember(folder, { pool, name: 'gpu-1', role: 'transcoder' })).toThrow(expect.objectContaining({ code: 'InvalidArgument' }) as Error)
})

test('let a transcoder hear and say only what is its own', async () => {
  const connection = await open('gpu-1')
  const { key } = readCredentials(read('gpu-1'))
  const { key: another } = readCredentials(read('gpu-2'))
  expect(await trySubscribe(connection, subjects.work({ holder: key, run: 'now' }, '*'))).toBeUndefined()
  for (const subject of [subjects.work({ holder: another, run: '*' }, '*'), subjects.work({ holder: '*', run: '*' }, '*'), subjects.made({ holder: '*', run: '*' }, '*'), 'streamflow.>', '>']) {
    expect(await trySubscribe(connection, subject)).toMatch(/permissions violation/i)
  }
  // What it says in another's name reaches nobody.
  const orchestrator = await open('orchestrator')
  const heard: string[] = []
  orchestrator.subscribe(subjects.offer({ holder: '*', run: '*' }), { callback: (_error, { subject }) => void heard.push(subject) })
  await orchestrator.flush()
  const own = subjects.offer({ holder: key, run: 'now' })
  connection.publish(subjects.offer({ holder: another, run: 'now' }), new Uint8Array(1))
  connection.publish(own, new Uint8Array(1))
  await connection.flush()
  await orchestrator.flush()
  expect(heard).toEqual([own])
  await Promise.all([connection.close(), orchestrator.close()])
})

test('keep another identity out, and whoever has none', async () => {
  const other = await open('other')
  expect(await trySubscribe(other, subjects.offer({ holder: '*', run: '*' }))).toMatch(/permissions violation/i)
  await other.close()
  await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i)
})

test('let a transcoder join until they are revoked', async () => {
  const transcoders = createPool({ servers: [nats.url], credentials: read('orchestrator'), name: pool })
  const member = await startPoolMember({ url: nats.url, flags: ['--pool-credentials', files['gpu-2'] ?? ''] })
  try {
    await expect.poll(() => transcoders.capacity().offeredPixelsPerSecond, { timeout: 30_000 }).toBe(1e9)
    revokeMember(folder, { pool, name: 'gpu-2' })
    nats.reload()
    await expect.poll(() => transcoders.capacity().offeredPixelsPerSecond, { timeout: 30_000 }).toBe(0)
    expect(listMembers(directory, pool).find(({ name }) => name === 'gpu-2')).toMatchObject({ isRevoked: true })
    // Its name may be used again; its key is not good again.
    const { key } = addMember(folder, { pool, name: 'gpu-2', role: 'transcoder' })
    const members = listMembers(directory, pool)
    expect(members.find(({ name }) => name === 'gpu-2')).toMatchObject({ key, isRevoked: false })
    expect(members.filter(({ isRevoked }) => isRevoked)).toHaveLength(1)
  } finally {
    await transcoders.close()
    await member.kill()
  }
})
