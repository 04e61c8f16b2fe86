// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** Every error that a call to AttestationVerifier may revert with by itself. */
export const attestationVerifierErrors = [] as const

/** Every event of AttestationVerifier. */
export const attestationVerifierEvents = [] as const

/** The whole ABI of AttestationVerifier; prefer single fragments in code that a browser loads. */
export const attestationVerifierAbi = [] as const
