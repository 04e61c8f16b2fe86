import { expect, it } from 'vitest'
import { createRedactor, listUrlPassword, listUrlSecrets } from './redaction.js'

it.each([
  ['URL: https://mainnet.example.org/v3/0123456789abcdef0123456789abcdef failed', 'URL: https://mainnet.example.org/v3/*** failed'],
  ['https://rpc.example.org/?apikey=short&block=latest', 'https://rpc.example.org/?apikey=***&block=latest'],
  ['{"url":"https://alice:hunter2@rpc.example.org/x"}', '{"url":"https://***@rpc.example.org/x"}'],
  ['turn:alice:hunter2@turn.example.org:3478', 'turn:***@turn.example.org:3478'],
  ['wss://rpc.example.org/ws/AAAAAAAAAAAAAAAAAAAAAAAA', 'wss://rpc.example.org/ws/***'],
])('covers what looks like a secret: %s', (text, covered) => {
  expect(createRedactor()(text)).toBe(covered)
})

it('leaves alone what a log is read for', () => {
  const lines = [
    `https://orchestrator.example.org/live/0x${'ab'.repeat(32)}/master.m3u8`,
    `{"orchestrator":"0x${'ab'.repeat(20)}","port":8935,"time":"2026-01-01T00:00:00.000Z","msg":"listening: at 0.0.0.0"}`,
    'mail to a person@example.org',
  ]
  for (const line of lines) expect(createRedactor()(line)).toBe(line)
})

it('covers what is known to be a secret, wherever it stands', () => {
  const rpc = 'https://rpc.example.org/short-key'
  const redact = createRedactor(['correct horse', ...listUrlSecrets(rpc)])
  expect(redact(`password "correct horse" for ${rpc}?x=1, path /short-key`)).toBe('password "***" for https://rpc.example.org***?x=1, path ***')
  expect(listUrlSecrets('http://127.0.0.1:8545')).toEqual([])
  expect(createRedactor(listUrlPassword('postgres://me:open%20sesame@db/x'))('open sesame, or open%20sesame')).toBe('***, or ***')
})
