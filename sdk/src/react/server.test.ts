import { createElement, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { createStreamflow } from '../actions/createStreamflow.js'
import { useBroadcast, useDevices, useFunds, useMarket, useWatch } from './index.js'

describe('hooks on a server', () => {
  it('ask nobody for anything, and give what a page begins with', () => {
    const sender = `0x${'1'.repeat(40)}` as const
    const fetch = (): never => expect.fail('nobody is asked on a server')
    const streamflow = createStreamflow({ network: 'network.json', fetch })
    function Page(): ReturnType<typeof createElement> {
      const { state } = useBroadcast(streamflow)
      const { ref, state: watching } = useWatch('https://orchestrator.example/live/0x00/master.m3u8')
      const { cameras } = useDevices()
      const { funds } = useFunds(streamflow, { sender })
      const { offers, isReady } = useMarket(streamflow, sender)
      return createElement('p', undefined, [state, watching, cameras.length, String(funds), offers.length, String(isReady)].join(' '), createElement('video', { ref }))
    }
    expect(renderToString(createElement(StrictMode, undefined, createElement(Page)))).toBe('<p>idle waiting 0 undefined 0 false<video></video></p>')
  })
})
