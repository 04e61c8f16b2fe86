/** The words of a service are its id: what contracts list and what is sold must be the same, to the letter. */
import { parameterSets } from '../../contracts/deploy/parameterSets.mjs'
import { describe, expect, it } from 'vitest'
import { defaultExactEncoder, describeExactService, hashExactService, services } from '@streamflow/sdk/payments'

describe('the exact service', () => {
  it('is the one that networks list as CPUTranscoding, and alone may cost stake', () => {
    expect(hashExactService(defaultExactEncoder)).toBe(services.CPUTranscoding)
    for (const { services: listed } of Object.values(parameterSets)) {
      expect(listed.filter((service) => 'slashRate' in service).map(({ description }) => description)).toEqual([describeExactService(defaultExactEncoder)])
    }
  })

  it('is another one with another encoder', () => {
    expect(hashExactService({ ...defaultExactEncoder, version: 'x264 - core 165 r3222 b35605a' })).not.toBe(services.CPUTranscoding)
    expect(hashExactService({ ...defaultExactEncoder, trial: '0000000000000000' })).not.toBe(services.CPUTranscoding)
  })
})
