// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** Every error that a call to StreamflowToken may revert with by itself. */
export const streamflowTokenErrors = [] as const

/** Every event of StreamflowToken. */
export const streamflowTokenEvents = [] as const

/** The whole ABI of StreamflowToken; prefer single fragments in code that a browser loads. */
export const streamflowTokenAbi = [] as const
