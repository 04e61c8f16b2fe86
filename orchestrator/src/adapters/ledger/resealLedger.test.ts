import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createKeySigner } from '@streamflow/sdk/payments'
import { createLedger } from './createLedger.js'
import { readFormerSigners } from './formerSigners.js'
import { openDatabase } from './openDatabase.js'
import { resealLedger } from './resealLedger.js'

const folder = mkdtempSync(join(tmpdir(), 'streamflow-reseal-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a ledger opens with the key that it went over to, with all its secrets, and with the old one no more', async () => {
  const path = join(folder, 'ledger.sqlite')
  const [from, to] = [randomBytes(32), randomBytes(32)]
  const secret = { epoch: 1, secret: new Uint8Array(randomBytes(32)), createdAt: 5, isVoid: false }
  const ledger = createLedger({ path, key: from })
  await ledger.write([{ kind: 'secret', record: secret }])
  expect(() => resealLedger(path, { from, to, nowSeconds: 6 })).toThrow(expect.objectContaining({ code: 'LedgerInUse' }))
  await ledger.close()
  expect(() => resealLedger(path, { from: to, to: from, nowSeconds: 6 })).toThrow(expect.objectContaining({ code: 'LedgerFailed' }))
  expect(readFormerSigners(path)).toEqual([])
  expect(resealLedger(path, { from, to, nowSeconds: 6 })).toBe(1)
  expect(readFormerSigners(path)).toEqual([createKeySigner(from).address])
  expect(() => createLedger({ path, key: from })).toThrow(expect.objectContaining({ code: 'LedgerFailed' }))
  const database = openDatabase(path, { readonly: true })
  expect(database.prepare('SELECT at, what FROM audits').all()).toEqual([{ at: 6, what: `ledger reseal for ${createKeySigner(to).address}` }])
  database.close()
  const again = createLedger({ path, key: to })
  expect(again.getSecrets()).toEqual([secret])
  await again.close()
})
