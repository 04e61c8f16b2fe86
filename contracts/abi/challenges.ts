// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** Every error that a call to Challenges may revert with by itself. */
export const challengesErrors = [] as const

/** Every event of Challenges. */
export const challengesEvents = [] as const

/** The whole ABI of Challenges; prefer single fragments in code that a browser loads. */
export const challengesAbi = [] as const
