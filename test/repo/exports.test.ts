/** What the SDK exports, by entry: a change of it is a change for users, and shows here. */
import { describe, expect, it } from 'vitest'
import * as root from '@streamflow/sdk'
import * as broadcast from '@streamflow/sdk/broadcast'
import * as chain from '@streamflow/sdk/chain'
import * as cli from '@streamflow/sdk/cli'
import * as errors from '@streamflow/sdk/errors'
import * as media from '@streamflow/sdk/media'
import * as node from '@streamflow/sdk/node'
import * as payments from '@streamflow/sdk/payments'
import * as player from '@streamflow/sdk/player'
import * as protocol from '@streamflow/sdk/protocol'
import * as react from '@streamflow/sdk/react'
import * as watch from '@streamflow/sdk/watch'

describe('exports of the SDK', () => {
  it.each(Object.entries({ '.': root, './broadcast': broadcast, './chain': chain, './cli': cli, './errors': errors, './media': media, './node': node, './payments': payments, './player': player, './protocol': protocol, './react': react, './watch': watch }))('%s', (_entry, module) => {
    expect(Object.keys(module).sort()).toMatchSnapshot()
  })
})
