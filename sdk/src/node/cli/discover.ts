/** `discover`: the market as a table. */

import { discover } from '../../actions/discover.js'
import { hashService } from '../../chain/registration.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Hex } from '../../units/hex.js'
import { formatAmount } from './amounts.js'
import type { Command } from './command.js'
import { formatTable } from './formatTable.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

/** What `--service`, `--max-price` and `--region` ask for. @throws {@link StreamflowError} `InvalidArgument` */
export function readFilters({ flags }: Context): { readonly serviceId?: Hex; readonly region?: string; readonly maxPricePerMillionPixels?: bigint } {
  const { service, region, 'max-price': price } = flags
  if (price !== undefined && !/^\d{1,30}$/.test(price)) throw new StreamflowError('InvalidArgument', `--max-price: expected wei, got ${price}`)
  return { ...(service !== undefined && { serviceId: hashService(service) }), ...(region !== undefined && { region }), ...(price !== undefined && { maxPricePerMillionPixels: BigInt(price) }) }
}

/** `discover` */
export const discoverCommand: Command<Context> = {
  usage: 'discover [--service <name>] [--region <name>] [--max-price <wei>] [--account <address>] [--json]',
  summary: 'ask the market for offers, best first, and say why others are no choice',
  example: 'discover --region eu-west',
  async run(context) {
    const { offers, refused } = await discover({ network: await context.network(), sender: await context.account(), ...readFilters(context) })
    const rows = offers.map(({ uri, orchestrator, quote, responseTimeMs }) => [uri, orchestrator, String(quote.pricePerMillionPixels), formatAmount(quote.faceValue), `${Math.round(responseTimeMs)} ms`])
    const lines = [
      ...(offers.length === 0 ? ['nobody offers anything'] : formatTable(['address', 'orchestrator', 'wei per million pixels', 'a winner pays', 'answered in'], rows)),
      ...refused.map(({ uri, error }) => `${uri} is no choice: ${error.code}: ${error.message}`),
    ]
    report({ offers, refused: refused.map(({ error, ...rest }) => ({ ...rest, error: error.toJSON() })) }, { ...context, sentence: lines.join('\n') })
    return 0
  },
}
