import { describe, expect, it } from 'vitest'
import { StreamflowError } from './StreamflowError.js'

describe('an error as JSON', () => {
  it('says what it says to a program and to a person, amounts as decimal strings', () => {
    const error = new StreamflowError('LowPMBalance', 'too little', { data: { needed: 10n ** 20n, tickets: [{ faceValue: 1n }], hours: 0.5 } })
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: { name: 'StreamflowError', code: 'LowPMBalance', message: 'too little', help: error.help, retry: 'after-fix', data: { needed: '100000000000000000000', tickets: [{ faceValue: '1' }], hours: 0.5 } },
    })
  })
})
