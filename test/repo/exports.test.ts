/** What the SDK exports, by entry: a change of it is a change for users, and shows here. */
import { describe, expect, it } from 'vitest'
import * as root from '@streamflow/sdk'
import * as chain from '@streamflow/sdk/chain'
import * as cli from '@streamflow/sdk/cli'
import * as errors from '@streamflow/sdk/errors'
import * as media from '@streamflow/sdk/media'
import * as node from '@streamflow/sdk/node'
import * as payments from '@streamflow/sdk/payments'
import * as protocol from '@streamflow/sdk/protocol'
import * as react from '@streamflow/sdk/react'

describe('exports of the SDK', () => {
  it.each(Object.entries({ '.': root, './chain': chain, './cli': cli, './errors': errors, './media': media, './node': node, './payments': payments, './protocol': protocol, './react': react }))('%s', (_entry, module) => {
    expect(Object.keys(module).sort()).toMatchSnapshot()
  })
})
