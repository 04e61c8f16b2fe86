/** The live figures and their chart: what is known now, once a second. */

import { formatBitrate, formatWei } from './format.js'
import { getElement, setText } from './getElement.js'
import { createSparkline } from './sparkline.js'

/** What a broadcast looks like at one moment. `undefined`: not known yet. */
export interface Figures {
  /** Milliseconds from the end of a segment to its receipt. */
  readonly latencyMs: number | undefined
  /** Bits per second that left this page, over the last segment. */
  readonly bitrate: number | undefined
  /** Segments with a receipt. */
  readonly segments: number
  readonly tickets: number
  readonly ticketsRefused: number
  readonly winners: number
  /** wei: fees of the receipts. */
  readonly paid: bigint
  /** wei of credit left at the orchestrator. */
  readonly balance: bigint
  /** wei that the session key may still spend in this broadcast. */
  readonly left: bigint | undefined
}

const none = '—'

function setFigure(id: string, figure: { readonly value: string; readonly unit: string } | undefined): void {
  const element = getElement(`figure-${id}`, HTMLElement)
  const text = figure === undefined ? none : `${figure.value}${figure.unit === '' ? '' : ` ${figure.unit}`}`
  if (element.textContent === text) return
  const unit = document.createElement('small')
  unit.textContent = figure?.unit === undefined || figure.unit === '' ? '' : ` ${figure.unit}`
  element.replaceChildren(figure?.value ?? none, ...(unit.textContent === '' ? [] : [unit]))
}

/** @returns `show`: these figures now, one more point on the chart; `reset`: nothing is live any more and a new chart begins */
export function createFigures(): { show(figures: Figures): void; reset(): void } {
  const card = getElement('figures', HTMLElement)
  const chart = createSparkline(getElement('chart', SVGSVGElement))
  const legend = (latency: string, bitrate: string): void => {
    setText(getElement('legend-latency', HTMLElement), latency)
    setText(getElement('legend-bitrate', HTMLElement), bitrate)
  }
  return {
    show({ latencyMs, bitrate, segments, tickets, ticketsRefused, winners, paid, balance, left }) {
      // The exact figures, for whoever reads the page by program.
      Object.assign(card.dataset, { segments, ticketsSent: tickets, ticketsRefused, winners, paidWei: paid, balanceWei: balance })
      const latency = latencyMs === undefined ? undefined : { value: Math.round(latencyMs).toString(), unit: 'ms' }
      const rate = bitrate === undefined ? undefined : formatBitrate(bitrate)
      setFigure('latency', latency)
      setFigure('bitrate', rate)
      setFigure('tickets', { value: String(tickets), unit: '' })
      setFigure('winners', { value: String(winners), unit: '' })
      setFigure('paid', formatWei(paid))
      setFigure('left', left === undefined ? undefined : formatWei(left))
      chart.add({ latencyMs, bitrate })
      legend(latency === undefined ? 'Latency' : `Latency ${latency.value} ms`, rate === undefined ? 'Bitrate' : `Bitrate ${rate.value} ${rate.unit}`)
    },
    reset() {
      for (const id of ['latency', 'bitrate', 'tickets', 'winners', 'paid', 'left']) setFigure(id, undefined)
      chart.clear()
      legend('Latency', 'Bitrate')
    },
  }
}
