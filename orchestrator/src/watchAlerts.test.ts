import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StreamflowError } from '@streamflow/sdk/errors'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { until } from '../../test/kit/until.js'
import { makeTill } from '../../test/payments/makeTill.js'
import { createLedgerReports, readFromFile } from './adapters/ledger/createLedgerReports.js'
import { loadConfig } from './config/loadConfig.js'
import { watchAlerts } from './watchAlerts.js'

it('tells when something comes to stand and when it is over, once each: in the log, and where the operator listens; that it is refused there is in the log too', async () => {
  const posted: { alert: string; isRaised: boolean }[] = []
  const hook = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (more: string) => (text += more)).on('end', () => {
      posted.push(JSON.parse(text) as (typeof posted)[number])
      // It takes the first and refuses the rest.
      response.writeHead(posted.length === 1 ? 204 : 500).end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const till = await makeTill()
  const { config } = loadConfig({ environment: {}, flags: { 'data-directory': till.directory, 'alerts-webhook': `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, 'alerts-minimum-disk-bytes': '0' } })
  const logged: { level: number; alert?: string; msg: string }[] = []
  const log = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line) as (typeof logged)[number]) })
  let [balance, looks, isDown] = [0n, 0, false]
  const readBalance = async (): Promise<bigint> => {
    looks++
    if (isDown) throw new StreamflowError('ChainUnavailable', 'no endpoint answers')
    return balance
  }
  const reports = createLedgerReports({ source: readFromFile(till.path), now: () => Date.now() / 1_000, overdueSeconds: 3_600 })
  const watch = watchAlerts({ config, log, orchestrator: till.signer.address, reports, cashier: till.cashier, readBlockTime: async () => Date.now() / 1_000, readBalance, countStreams: () => 1 }, 10)
  await until('several looks', () => looks > 3) // it still stands: nothing more is told
  expect(watch.list().map(({ name }) => name)).toEqual(['balanceLow'])
  isDown = true
  const looksBefore = looks
  await until('nobody answers for a while', () => looks > looksBefore + 3)
  expect(watch.list().map(({ name }) => name), 'that is no all-clear').toEqual(['balanceLow'])
  isDown = false
  balance = 10n ** 18n
  await until('all is told', () => logged.length === 3)
  expect(posted.map(({ alert, isRaised }) => [alert, isRaised])).toEqual([['balanceLow', true], ['balanceLow', false]])
  expect(logged.map(({ alert, level }) => [alert, level])).toEqual([['balanceLow', 40], ['balanceLow', 30], ['balanceLow', 40]])
  expect(logged.at(-1)?.msg).toBe('the webhook refuses an alert')
  expect(watch.list()).toEqual([])
  watch.close()
  reports.close()
  hook.close()
  await till.dispose()
})
