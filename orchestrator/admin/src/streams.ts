/** The streams on air, a card each, which stays the same element while its stream lasts: its picture goes on. */

import type { ListedStream } from '../../src/core/streams/listedStream.js'
import { getElement, make, setText } from './elements.js'
import { formatDuration, shorten } from './format.js'
import { playPicture } from './playPicture.js'

/** Pictures that play without being asked for; each is a decoder. */
const playedAtOnce = 6

interface Card {
  readonly element: HTMLLIElement
  readonly facts: HTMLElement
  readonly state: HTMLElement
  stop: (() => void) | undefined
}

function createCard({ streamId, sender }: ListedStream, isPlayed: boolean, end: (streamId: string) => void): Card {
  const picture = make('div', [], { class: 'picture' })
  const [facts, state] = [make('p', ''), make('p', '', { class: 'soft small' })]
  const endButton = make('button', 'End stream…', { type: 'button', 'aria-label': `End stream ${shorten(streamId)}` })
  endButton.onclick = () => end(streamId)
  const names = make('p', `${shorten(streamId)} of ${shorten(sender)}`, { class: 'mono', title: `stream ${streamId}, sender ${sender}` })
  const card: Card = { element: make('li', [picture, facts, names, state, make('p', [endButton], { class: 'actions' })]), facts, state, stop: undefined }
  const show = (): void => {
    const video = make('video', '', { playsinline: '', 'aria-label': `Picture of stream ${shorten(streamId)}` })
    video.muted = true
    picture.replaceChildren(video)
    card.stop = playPicture(video, `/live/${streamId}/master.m3u8`)
  }
  if (isPlayed) show()
  else {
    const button = make('button', 'Show picture', { type: 'button' })
    button.onclick = show
    picture.append(button)
  }
  return card
}

/** Shows what is on air. */
export interface StreamList {
  show(streams: readonly ListedStream[]): void
}

/** @param end - told which stream a person wants ended */
export function createStreamList(end: (streamId: string) => void): StreamList {
  const list = getElement('stream-list', HTMLUListElement)
  const none = getElement('no-streams', HTMLElement)
  const cards = new Map<string, Card>()
  return {
    show(streams) {
      const present = new Set<string>(streams.map(({ streamId }) => streamId))
      for (const [streamId, card] of cards) {
        if (present.has(streamId)) continue
        card.stop?.()
        card.element.remove()
        cards.delete(streamId)
      }
      for (const stream of streams) {
        let card = cards.get(stream.streamId)
        if (card === undefined) {
          const played = [...cards.values()].filter(({ stop }) => stop !== undefined).length
          card = createCard(stream, played < playedAtOnce, end)
          cards.set(stream.streamId, card)
          list.append(card.element)
        }
        setText(card.facts, `${stream.source} → ${stream.renditions}`)
        setText(card.state, `${formatDuration(stream.seconds)} · ${stream.segments} segments · ${stream.isConnected ? 'live' : 'broadcaster away'}${stream.isPaid ? '' : ' · not paid yet'}`)
      }
      none.hidden = streams.length > 0
    },
  }
}
