import { BaseError } from 'viem'
import { expect, it } from 'vitest'
import { loadConfig } from '../config/loadConfig.js'
import { createLog } from './createLog.js'

it('covers keys, passwords and credentials of endpoints in whatever is logged, and nothing else', () => {
  const rpcUrl = 'https://alice:swordfish@rpc.example.org/v3/my-project'
  const { config } = loadConfig({ flags: { 'network-rpc-urls': rpcUrl, 'webrtc-ice-servers': 'turn:bob:open-sesame@turn.example.org' }, environment: {} })
  const privateKey = Buffer.alloc(32, 7)
  const lines: string[] = []
  const network = { chainId: 1, rpcUrls: ['https://other.example.org/key/abcdef'], contracts: {} } as never
  const log = createLog(config, { network, privateKey, password: 'correct horse' }, { write: (line) => lines.push(line) })
  log.error({ err: new BaseError('HTTP request failed.', { metaMessages: [`URL: ${rpcUrl}`, 'URL: https://other.example.org/key/abcdef'] }) }, 'in trouble')
  log.warn({ iceServers: config.webrtc.iceServers, what: `key ${privateKey.toString('hex')}, password "correct horse"`, privateKey: 'x' })
  log.info({ publicUrl: 'https://orchestrator.example.org', port: 8935 }, 'listening')
  const text = lines.join('')
  for (const secret of ['alice', 'swordfish', 'my-project', 'abcdef', 'open-sesame', privateKey.toString('hex'), 'correct horse']) expect(text).not.toContain(secret)
  for (const plain of ['rpc.example.org', 'turn.example.org', 'https://orchestrator.example.org', '8935', 'HTTP request failed']) expect(text).toContain(plain)
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow()
})
