import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEmitter } from './emitter.js'

interface Events {
  readonly opened: { readonly seq: number }
  readonly closed: string
}

describe('createEmitter', () => {
  afterEach(() => vi.restoreAllMocks())

  it('calls the listeners of an event in their order, until they are removed', () => {
    const emitter = createEmitter<Events>()
    const calls: string[] = []
    const off = emitter.on('opened', ({ seq }) => calls.push(`a${seq}`))
    const second = ({ seq }: Events['opened']): unknown => calls.push(`b${seq}`)
    emitter.on('opened', second)
    emitter.on('closed', (reason) => calls.push(reason))
    emitter.emit('opened', { seq: 1 })
    off()
    off()
    emitter.emit('opened', { seq: 2 })
    emitter.off('opened', second)
    emitter.emit('opened', { seq: 3 })
    emitter.emit('closed', 'c')
    emitter.clear()
    emitter.emit('closed', 'd')
    expect(calls).toEqual(['a1', 'b1', 'b2', 'c'])
  })

  it('calls a listener of `once` once, also when it emits again', () => {
    const emitter = createEmitter<Events>()
    let count = 0
    emitter.once('opened', ({ seq }) => {
      count++
      emitter.emit('opened', { seq: seq + 1 })
    })
    const off = emitter.once('closed', () => count++)
    off()
    emitter.emit('opened', { seq: 1 })
    emitter.emit('closed', '')
    expect(count).toBe(1)
  })

  it('is not broken by a listener that throws, and tells of it', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const emitter = createEmitter<Events>()
    const error = new Error('of the listener')
    let isReached = false
    emitter.on('opened', () => {
      throw error
    })
    emitter.on('opened', () => (isReached = true))
    emitter.emit('opened', { seq: 1 })
    expect(isReached).toBe(true)
    expect(told).toHaveBeenCalledWith(error)
  })

  it('does not call who was removed while it emits, nor who came', () => {
    const emitter = createEmitter<Events>()
    const calls: string[] = []
    emitter.on('opened', () => {
      offSecond()
      emitter.on('opened', () => calls.push('late'))
    })
    const offSecond = emitter.on('opened', () => calls.push('second'))
    emitter.emit('opened', { seq: 1 })
    expect(calls).toEqual([])
  })
})
