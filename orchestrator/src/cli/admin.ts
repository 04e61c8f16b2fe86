/** `admin`, `price …`, `audit`: the operator's page, and what of it a terminal does as well. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { formatTable, report } from '@streamflow/sdk/cli'
import { readAccess } from '../adapters/http/operatorAccess.js'
import { askServer } from './askServer.js'
import type { Command } from './command.js'

interface PriceAnswer {
  readonly perMillionPixels: string
  readonly lowest: string
  readonly highest: string
  readonly isMoved: boolean
}

const describePrice = ({ perMillionPixels, lowest, highest, isMoved }: PriceAnswer): string =>
  `${perMillionPixels} wei per million output pixels${isMoved ? ', until the next start' : ', as the settings say'}; it may be ${lowest} to ${highest}`

/** `admin` */
export const adminCommand: Command = {
  usage: 'admin [--json]',
  summary: 'print the address of the operator’s page of the server that runs with this data directory, with the token in it',
  example: 'admin',
  details: 'The page is on the operator’s own listener (operator.host, operator.port). From elsewhere: ssh -L 8936:127.0.0.1:8936 MACHINE.',
  async run({ load, print, isJson }) {
    const { url, token } = readAccess(load().config.data.directory)
    const address = `${url}/admin#${encodeURIComponent(token)}`
    report({ address }, { isJson, print, sentence: address })
    return 0
  },
}

/** `price` */
export const priceCommand: Command = {
  usage: 'price [--json]',
  summary: 'show what the running server asks, and how far that may be set',
  example: 'price',
  async run({ load, print, isJson }) {
    const price = (await askServer(load().config, 'GET', '/price')) as PriceAnswer
    report({ ...price }, { isJson, print, sentence: describePrice(price) })
    return 0
  },
}

/** `price set` */
export const priceSetCommand: Command = {
  usage: 'price set <wei> [--json]',
  summary: 'have the running server ask this for a million output pixels of new streams, until its next start',
  example: 'price set 250000000',
  takesWords: true,
  async run({ load, words, print, isJson }) {
    const [wei = '', ...rest] = words
    if (!/^\d{1,30}$/.test(wei) || rest.length > 0) throw new StreamflowError('InvalidArgument', `expected an amount in wei, got "${words.join(' ')}"`)
    const price = (await askServer(load().config, 'PUT', `/price/${wei}`)) as PriceAnswer
    report({ ...price }, { isJson, print, sentence: describePrice(price) })
    return 0
  },
}

/** `audit` */
export const auditCommand: Command = {
  usage: 'audit [--json]',
  summary: 'show what was last changed on the running server, from its page or from here',
  example: 'audit',
  details: 'All of it: `ledger export audits`.',
  async run({ load, print, isJson }) {
    const { audits } = (await askServer(load().config, 'GET', '/overview')) as { readonly audits: readonly { readonly at: number; readonly what: string }[] }
    const rows = audits.map(({ at, what }) => [new Date(at * 1_000).toISOString(), what])
    report({ audits }, { isJson, print, sentence: audits.length === 0 ? 'nothing was changed' : formatTable(['when', 'what'], rows).join('\n') })
    return 0
  },
}
