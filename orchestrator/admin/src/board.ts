/** Everything but the streams: figures, tables and lists, written anew from each look. */

import type { MarketOverview, Overview } from '../../src/adapters/http/operatorOverview.js'
import { fillTable, getElement, make, setText } from './elements.js'
import { formatCount, formatEther, formatPixels, formatTime, shorten } from './format.js'
import type { Wire } from './wire.js'

const number = (title: string) => ({ title, isNumber: true })
const text = (title: string) => ({ title })

function showMoney({ today, value, dead }: Wire<Overview>): void {
  const lines: readonly (readonly [string, string, string])[] = [
    ['Fees today, ETH', formatEther(today.fees), 'first'],
    ['Segments today', formatCount(today.segments), ''],
    ['Expected of all tickets', formatEther(value.expected), ''],
    ['Won', formatEther(value.won), value.isInBand ? '' : 'bad'],
    ['Redeemed', formatEther(value.redeemed), ''],
    ['99 of 100 win', `${formatEther(value.band.low)} … ${formatEther(value.band.high)}`, 'small'],
    ['Winners given up', String(dead), dead > 0 ? 'bad' : ''],
  ]
  getElement('money', HTMLElement).replaceChildren(...lines.flatMap(([title, figure, look]) => [make('dt', title, { class: 'soft' }), make('dd', figure, { class: look })]))
}

function showCapacity({ transcoders, streams, maxStreams, isDraining }: Wire<Overview>): void {
  const offered = transcoders.reduce((sum, transcoder) => sum + (transcoder.isReady ? transcoder.offeredPixelsPerSecond : 0), 0)
  const taken = transcoders.reduce((sum, { takenPixelsPerSecond }) => sum + takenPixelsPerSecond, 0)
  getElement('load', HTMLMeterElement).value = offered === 0 ? 1 : taken / offered
  const draining = isDraining ? ' · draining: no new streams' : ''
  setText(getElement('load-text', HTMLElement), `${formatPixels(taken)} of ${formatPixels(offered)} · ${streams.length} of ${maxStreams} streams${draining}`)
  const rows = transcoders.map(({ name, isReady, offeredPixelsPerSecond, streams: count }) => ({ cells: [name, isReady ? 'ready' : 'starting', formatPixels(offeredPixelsPerSecond), String(count)] }))
  fillTable(getElement('transcoders', HTMLTableElement), [text('transcoder'), text('state'), number('offers'), number('streams')], rows)
  getElement('drain', HTMLButtonElement).disabled = isDraining
}

function showPrice({ price }: Wire<Overview>): void {
  const shown = price === undefined ? 'The price feed does not answer.' : `${formatCount(price.perMillionPixels)} wei${price.isMoved ? ', as set here' : ', as in the settings'}; ${formatCount(price.lowest)} to ${formatCount(price.highest)} may be set`
  setText(getElement('price-text', HTMLElement), shown)
  const field = getElement('price', HTMLInputElement)
  if (price !== undefined && field.value === '' && document.activeElement !== field) field.value = price.perMillionPixels
}

function showWinners({ waiting }: Wire<Overview>): void {
  const rows = waiting.map(({ ticketHash, sender, state, faceValue, creationRound, wonAt, attempts, reason }) => ({
    cells: [shorten(ticketHash), shorten(sender), formatEther(faceValue), String(creationRound), formatTime(wonAt), String(attempts), reason || (state === 'submitted' ? 'in a transaction that is not final' : 'due')],
  }))
  fillTable(getElement('winners', HTMLTableElement), [text('ticket'), text('sender'), number('pays, ETH'), number('round'), text('won'), number('tries'), text('why it waits')], rows)
  getElement('no-winners', HTMLElement).hidden = rows.length > 0
}

function showSenders({ senders }: Wire<Overview>): void {
  const rows = senders.map(({ sender, streams, charged, balance, funds }) => {
    const standing = funds === undefined ? ['?', '?', '?', 'the chain does not answer'] : [formatEther(funds.deposit), formatEther(funds.escrow), formatEther(funds.outstanding), funds.withdrawRound === '0' ? 'stands' : `unlocking: all gone from round ${funds.withdrawRound}`]
    return { cells: [shorten(sender), String(streams), formatEther(charged), formatEther(balance), ...standing] }
  })
  fillTable(getElement('senders', HTMLTableElement), [text('sender'), number('streams'), number('charged, ETH'), number('on account'), number('deposit'), number('escrow'), number('owes'), text('standing')], rows)
  getElement('no-senders', HTMLElement).hidden = rows.length > 0
}

function showAudits({ audits }: Wire<Overview>): void {
  getElement('audits', HTMLElement).replaceChildren(...audits.map(({ at, what }) => make('li', `${formatTime(at)}  ${what}`)))
  getElement('no-audits', HTMLElement).hidden = audits.length > 0
}

function showAlerts({ alerts }: Wire<Overview>): void {
  const list = getElement('alert-list', HTMLElement)
  const lines = alerts.map(({ message }) => message)
  if (lines.join('\n') !== [...list.children].map(({ textContent }) => textContent).join('\n')) list.replaceChildren(...lines.map((line) => make('li', line)))
  getElement('alerts', HTMLElement).hidden = alerts.length === 0
}

/** Shows one look at the server. */
export function showOverview(overview: Wire<Overview>): void {
  setText(getElement('who', HTMLElement), `${overview.orchestrator} · ${overview.publicUrl} · ${overview.version} · since ${formatTime(overview.startedAt)}`)
  for (const show of [showAlerts, showMoney, showCapacity, showPrice, showWinners, showSenders, showAudits]) show(overview)
}

/** Shows own price beside others'. */
export function showMarket({ sender, offers, refused }: Wire<MarketOverview>): void {
  const rows = offers.map(({ orchestrator, uri, isOwn, pricePerMillionPixels, responseTimeMs }) => ({ cells: [isOwn ? 'this one' : `${uri} (${shorten(orchestrator)})`, formatCount(pricePerMillionPixels), `${Math.round(responseTimeMs)} ms`], attributes: { 'data-own': String(isOwn) } }))
  fillTable(getElement('market', HTMLTableElement), [text('orchestrator'), number('wei per Mpx'), number('answers in')], rows)
  const silent = refused.length === 0 ? '' : ` No offer from: ${refused.map(({ uri, code }) => `${uri} (${code})`).join(', ')}.`
  setText(getElement('market-note', HTMLElement), sender === undefined ? 'Prices are quoted to somebody: they can be compared once somebody has paid here.' : `Quoted to ${shorten(sender)}, with the cost of redeeming in it.${silent}`)
}

/** The level of a line of the log, as the log writes it. */
const levels: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

/** Shows the last lines of the log, and stays at its end unless a person has scrolled up. */
export function showLog(lines: readonly string[]): void {
  const list = getElement('log', HTMLElement)
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  list.replaceChildren(
    ...lines.map((line) => {
      const { time = '', level = 0, msg = '', ...rest } = JSON.parse(line) as { readonly time?: string; readonly level?: number; readonly msg?: string }
      const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`
      return make('li', `${time.slice(11, 19)} ${levels[level] ?? ''} ${msg}${more}`, level >= 40 ? { class: 'bad' } : {})
    }),
  )
  if (isAtEnd) list.scrollTop = list.scrollHeight
}
