/** The operator's page: signs in with the token, looks at the server again and again, and asks it for what its buttons say. */

import type { MarketOverview, Overview } from '../../src/adapters/http/operatorOverview.js'
import { askPerson } from './askPerson.js'
import { showLog, showMarket, showOverview } from './board.js'
import { createClient, keepToken, readToken, Refusal, type Ask } from './client.js'
import { getElement, setText } from './elements.js'
import { shorten } from './format.js'
import { createStreamList } from './streams.js'
import type { Wire } from './wire.js'

const lookMs = 2_000
/** The others are asked for a quote each. */
const marketMs = 60_000

const connection = getElement('connection', HTMLElement)
const message = getElement('message', HTMLElement)
let ask: Ask | undefined

function say(text: string): void {
  setText(message, text)
  message.hidden = text === ''
}

function showConnection(state: 'up' | 'down' | 'unknown', text: string): void {
  connection.dataset['state'] = state
  setText(connection, text)
}

function showSignIn(error: string): void {
  ask = undefined
  keepToken(undefined)
  getElement('sign-in', HTMLElement).hidden = false
  getElement('board', HTMLElement).hidden = true
  setText(getElement('sign-in-error', HTMLElement), error)
  showConnection('unknown', 'Not signed in')
  getElement('token', HTMLInputElement).focus()
}

/** Does what a button says; what goes wrong is said at the top, and the page looks again at once. */
async function act(button: HTMLButtonElement | undefined, request: (ask: Ask) => Promise<unknown>): Promise<void> {
  if (ask === undefined) return
  say('')
  if (button !== undefined) button.disabled = true
  try {
    await request(ask)
  } catch (thrown) {
    say(thrown instanceof Error ? thrown.message : String(thrown))
  } finally {
    if (button !== undefined) button.disabled = false
  }
  await look()
}

const streams = createStreamList((streamId) => {
  void askPerson({ title: 'End this stream?', text: `${shorten(streamId)}: its broadcaster is told to move, and goes on at another orchestrator if there is one. The open segment is finished first.`, yes: 'End stream' }).then((isSure) => (isSure ? act(undefined, (to) => to('DELETE', `/streams/${streamId}`)) : undefined))
})

async function look(): Promise<void> {
  if (ask === undefined) return
  try {
    const [overview, { lines }] = await Promise.all([ask<Wire<Overview>>('GET', '/overview'), ask<{ readonly lines: readonly string[] }>('GET', '/log')])
    showOverview(overview)
    streams.show(overview.streams)
    showLog(lines)
    showConnection('up', 'Connected')
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.status === 401) return showSignIn('That is not the token of this server: it is a new one with each start.')
    showConnection('down', thrown instanceof Refusal ? thrown.message : 'The answer cannot be read.')
  }
}

async function lookAtMarket(): Promise<void> {
  try {
    if (ask !== undefined) showMarket(await ask<Wire<MarketOverview>>('GET', '/market'))
  } catch {
    // What was there stays; the connection says how it stands.
  }
}

/** Again and again while somebody looks; a tab in the back asks nothing. */
function repeat(work: () => Promise<void>, everyMs: number): void {
  const run = (): void => void (document.hidden ? Promise.resolve() : work()).finally(() => setTimeout(run, everyMs))
  setTimeout(run, everyMs)
}

async function signIn(token: string): Promise<void> {
  ask = createClient(token)
  keepToken(token)
  setText(getElement('sign-in-error', HTMLElement), '')
  await look()
  if (ask === undefined) return
  getElement('sign-in', HTMLElement).hidden = true
  getElement('board', HTMLElement).hidden = false
  await lookAtMarket()
}

function wire(id: string, handle: (button: HTMLButtonElement) => void): void {
  const button = getElement(id, HTMLButtonElement)
  button.addEventListener('click', () => handle(button))
}

function enter(): void {
  const token = getElement('token', HTMLInputElement).value.trim()
  if (token !== '') void signIn(token)
}

wire('enter', enter)
getElement('token', HTMLInputElement).addEventListener('keydown', ({ key }) => (key === 'Enter' ? enter() : undefined))
wire('redeem', (button) => void act(button, (to) => to('POST', '/redeem')))
wire('drain', (button) => {
  void askPerson({ title: 'Drain?', text: 'No stream is taken any more until the next start, and those that run are told to move. Viewers are served until the server is stopped.', yes: 'Drain' }).then((isSure) => (isSure ? act(button, (to) => to('POST', '/drain')) : undefined))
})
function setPrice(button: HTMLButtonElement): void {
  const wei = getElement('price', HTMLInputElement).value.replace(/[\s,_]/g, '')
  if (!/^\d{1,30}$/.test(wei)) return say('The price is a whole number of wei.')
  void act(button, async (to) => {
    await to('PUT', `/price/${wei}`)
    await lookAtMarket()
  })
}
wire('set-price', setPrice)
getElement('price', HTMLInputElement).addEventListener('keydown', ({ key }) => (key === 'Enter' ? setPrice(getElement('set-price', HTMLButtonElement)) : undefined))

repeat(look, lookMs)
repeat(lookAtMarket, marketMs)
const token = readToken()
if (token === undefined) showSignIn('')
else void signIn(token)
