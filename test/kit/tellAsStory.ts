import { beforeEach } from 'vitest'

/** The tests of this `describe` are one story: after the first that fails the others would only tell the same. @param onBroken - says, or keeps, what happened around it */
export function tellAsStory(onBroken: () => void | Promise<void>): void {
  let isBroken = false
  beforeEach(({ skip, onTestFailed }) => {
    if (isBroken) skip()
    onTestFailed(async () => {
      isBroken = true
      await onBroken()
    })
  })
}
