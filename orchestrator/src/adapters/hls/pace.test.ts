import { expect, it } from 'vitest'
import { Pace } from './pace.js'

it('lets clients take turns, each first come, first served', async () => {
  const pace = new Pace()
  const done: string[] = []
  const finished = new Promise<void>((resolve) => {
    for (let i = 0; i < 12_000; i++) pace.run(() => done.push(`greedy ${i}`), 'greedy')
    for (let i = 0; i < 3; i++) pace.run(() => done.push(`modest ${i}`), 'modest')
    pace.run(() => {
      const check = (): void => (done.length === 12_003 ? resolve() : void setImmediate(check))
      check()
    })
  })
  await finished
  expect(done.slice(0, 6)).toEqual(['greedy 0', 'modest 0', 'greedy 1', 'modest 1', 'greedy 2', 'modest 2'])
  expect(done.at(-1)).toBe('greedy 11999')
})

it('goes on with what a task adds', async () => {
  const pace = new Pace()
  await new Promise<void>((resolve) => pace.run(() => pace.run(resolve, 'a'), 'a'))
})
