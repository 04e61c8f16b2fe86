import { describe, expect, it } from 'vitest'
import { readOriginList } from './readOriginList.js'

const streamId = `0x${'1'.repeat(64)}` as const
const at = (host: string, id: string = streamId): string => `https://${host}/live/${id}/master.m3u8`
const list = (change: Record<string, unknown> = {}): string => JSON.stringify({ streamId, version: 3, origins: [{ orchestrator: '0x1', url: at('a.example') }, { orchestrator: '0x2', url: at('b.example') }], signature: '0x', ...change })

describe('readOriginList', () => {
  it('gives the addresses in their order', () => expect(readOriginList(list(), streamId)).toEqual({ version: 3, urls: [at('a.example'), at('b.example')] }))

  it.each([
    ['no JSON', '<html>'], ['nothing', ''], ['null', 'null'], ['a list', '[]'], ['another stream’s', list({ streamId: `0x${'2'.repeat(64)}` })],
    ['one without a version', list({ version: '3' })], ['an empty one', list({ origins: [] })], ['one that is too long', list({ origins: Array.from({ length: 9 }, (_, i) => ({ url: at(`${i}.example`) })) })],
    ['one with holes', list({ origins: [null] })], ['one that leads to another stream', list({ origins: [{ url: at('a.example', `0x${'2'.repeat(64)}`) }] })],
    ['one that leads to a script', list({ origins: [{ url: `javascript:alert(1)/live/${streamId}/master.m3u8` }] })],
  ])('takes %s for no list', (_, text) => expect(readOriginList(text, streamId)).toBeUndefined())
})
