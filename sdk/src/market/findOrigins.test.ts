import { afterEach, beforeEach, expect, it } from 'vitest'
import { startRegistryNode, type RegistryNode } from '../../test/startRegistryNode.js'
import { computePlaybackUrl } from '../protocol/playbackUrl.js'
import type { Address } from '../units/hex.js'
import { findOrigins } from './findOrigins.js'
import { rankByStream } from './rankByStream.js'

let node: RegistryNode
const streamId = `0x${'5e'.repeat(32)}` as const
const nameOf = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, '0')}`

beforeEach(async () => {
  node = await startRegistryNode()
})
afterEach(() => node.close())

it('names the sixteen that the stream’s id puts first, in that order, whoever else is registered', async () => {
  for (let index = 0; index < 40; index++) node.entries.push({ orchestrator: nameOf(index), uri: `https://o${index}.example` })
  const expected = rankByStream(node.entries, streamId).slice(0, 16).map(({ uri }) => computePlaybackUrl(uri, streamId))
  expect(await findOrigins(node.network, streamId)).toEqual(expected)
  expect(expected[0]).toMatch(/^https:\/\/o\d+\.example\/live\/0x5e[0-9a-f]{62}\/master\.m3u8$/)
  // Others come and go: those that stay keep their order.
  node.entries.splice(0, 20)
  const left = await findOrigins(node.network, streamId)
  expect(left.filter((url) => expected.includes(url))).toEqual(expected.filter((url) => left.includes(url)))
})

it('leaves out who cannot be dialled, and who is not active', async () => {
  node.entries.push({ orchestrator: nameOf(0), uri: 'javascript:alert(1)' }, { orchestrator: nameOf(1), uri: 'https://user:word@o.example' }, { orchestrator: nameOf(2), uri: 'https://gone.example', active: false }, { orchestrator: nameOf(3), uri: 'https://good.example' })
  expect(await findOrigins(node.network, streamId)).toEqual([computePlaybackUrl('https://good.example', streamId)])
})
