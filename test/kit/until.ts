/** Guards against hanging, no more. */
const deadlineMs = 110_000
const pauseMs = 50

/** Asks again and again, until the answer is yes. @throws {Error} if it never is; `what` names it */
export async function until(what: string, isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + deadlineMs; !(await isDone()); await new Promise((resolve) => setTimeout(resolve, pauseMs))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`)
  }
}
