// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `ChallengesAlreadyChallenged(bytes32)` of Challenges. */
export const challengesAlreadyChallengedError = {"type":"error","name":"ChallengesAlreadyChallenged","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ChallengesAnswerPending(uint256,uint256)` of Challenges. */
export const challengesAnswerPendingError = {"type":"error","name":"ChallengesAnswerPending","inputs":[{"name":"deadline","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesAnswerTooLate(uint256,uint256)` of Challenges. */
export const challengesAnswerTooLateError = {"type":"error","name":"ChallengesAnswerTooLate","inputs":[{"name":"deadline","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesExposureTooLong(uint256,uint256)` of Challenges. */
export const challengesExposureTooLongError = {"type":"error","name":"ChallengesExposureTooLong","inputs":[{"name":"exposure","type":"uint256"},{"name":"unbondingPeriod","type":"uint256"}]} as const

/** error `ChallengesInsufficientCredit(address,uint256,uint256)` of Challenges. */
export const challengesInsufficientCreditError = {"type":"error","name":"ChallengesInsufficientCredit","inputs":[{"name":"account","type":"address"},{"name":"available","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `ChallengesInvalidParameters()` of Challenges. */
export const challengesInvalidParametersError = {"type":"error","name":"ChallengesInvalidParameters","inputs":[]} as const

/** error `ChallengesInvalidSignature(address,address)` of Challenges. */
export const challengesInvalidSignatureError = {"type":"error","name":"ChallengesInvalidSignature","inputs":[{"name":"signer","type":"address"},{"name":"orchestrator","type":"address"}]} as const

/** error `ChallengesNoVerdict(bytes32)` of Challenges. */
export const challengesNoVerdictError = {"type":"error","name":"ChallengesNoVerdict","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ChallengesNotOpen(bytes32)` of Challenges. */
export const challengesNotOpenError = {"type":"error","name":"ChallengesNotOpen","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ChallengesNotVerifiable(address,bytes32,address)` of Challenges. */
export const challengesNotVerifiableError = {"type":"error","name":"ChallengesNotVerifiable","inputs":[{"name":"orchestrator","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"verifier","type":"address"}]} as const

/** error `ChallengesNotVerifier(address,address)` of Challenges. */
export const challengesNotVerifierError = {"type":"error","name":"ChallengesNotVerifier","inputs":[{"name":"caller","type":"address"},{"name":"verifier","type":"address"}]} as const

/** error `ChallengesTooLate(uint256,uint256)` of Challenges. */
export const challengesTooLateError = {"type":"error","name":"ChallengesTooLate","inputs":[{"name":"lastRound","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesTransferFailed(address)` of Challenges. */
export const challengesTransferFailedError = {"type":"error","name":"ChallengesTransferFailed","inputs":[{"name":"recipient","type":"address"}]} as const

/** error `ChallengesWrongBond(uint256,uint256)` of Challenges. */
export const challengesWrongBondError = {"type":"error","name":"ChallengesWrongBond","inputs":[{"name":"sent","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** event `Challenged(bytes32,address,address,address,uint256,uint256)` of Challenges. */
export const challengesChallengedEvent = {"type":"event","name":"Challenged","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"challenger","type":"address","indexed":true},{"name":"verifier","type":"address","indexed":false},{"name":"bond","type":"uint256","indexed":false},{"name":"deadline","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `CreditWithdrawn(address,address,uint256)` of Challenges. */
export const challengesCreditWithdrawnEvent = {"type":"event","name":"CreditWithdrawn","inputs":[{"name":"account","type":"address","indexed":true},{"name":"recipient","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Credited(address,uint256)` of Challenges. */
export const challengesCreditedEvent = {"type":"event","name":"Credited","inputs":[{"name":"account","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Expired(bytes32)` of Challenges. */
export const challengesExpiredEvent = {"type":"event","name":"Expired","inputs":[{"name":"challengeId","type":"bytes32","indexed":true}],"anonymous":false} as const

/** event `ParametersChanged((uint256,uint256,uint256,uint32,uint32),(uint256,uint256,uint256,uint32,uint32))` of Challenges. */
export const challengesParametersChangedEvent = {"type":"event","name":"ParametersChanged","inputs":[{"name":"oldParameters","type":"tuple","indexed":false,"components":[{"name":"bond","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]},{"name":"newParameters","type":"tuple","indexed":false,"components":[{"name":"bond","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]}],"anonymous":false} as const

/** event `Resolved(bytes32,uint8,uint256,uint256)` of Challenges. */
export const challengesResolvedEvent = {"type":"event","name":"Resolved","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"verdict","type":"uint8","indexed":false},{"name":"penalty","type":"uint256","indexed":false},{"name":"bounty","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `VerifierApprovalChanged(address,bool,bool)` of Challenges. */
export const challengesVerifierApprovalChangedEvent = {"type":"event","name":"VerifierApprovalChanged","inputs":[{"name":"verifier","type":"address","indexed":true},{"name":"oldApproved","type":"bool","indexed":false},{"name":"newApproved","type":"bool","indexed":false}],"anonymous":false} as const

/** function `challenge((address,address,bytes32,bytes32,uint64,uint32,bytes32,bytes32,bytes32,uint256,uint256,int256,uint256),bytes,bytes)` of Challenges. */
export const challengesChallengeFunction = {"type":"function","name":"challenge","inputs":[{"name":"receipt","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"broadcaster","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"streamId","type":"bytes32"},{"name":"seq","type":"uint64"},{"name":"attempt","type":"uint32"},{"name":"ladderHash","type":"bytes32"},{"name":"inputHash","type":"bytes32"},{"name":"outputHash","type":"bytes32"},{"name":"pixels","type":"uint256"},{"name":"fee","type":"uint256"},{"name":"balance","type":"int256"},{"name":"round","type":"uint256"}]},{"name":"signature","type":"bytes"},{"name":"evidence","type":"bytes"}],"outputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"}],"stateMutability":"payable"} as const

/** function `challengeOf(bytes32)` of Challenges. */
export const challengesChallengeOfFunction = {"type":"function","name":"challengeOf","inputs":[{"name":"challengeId","type":"bytes32"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"challenger","type":"address"},{"name":"orchestrator","type":"address"},{"name":"verifier","type":"address"},{"name":"bond","type":"uint256"},{"name":"deadline","type":"uint256"},{"name":"verdict","type":"uint8"}]}],"stateMutability":"view"} as const

/** function `creditOf(address)` of Challenges. */
export const challengesCreditOfFunction = {"type":"function","name":"creditOf","inputs":[{"name":"account","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `expire(bytes32)` of Challenges. */
export const challengesExpireFunction = {"type":"function","name":"expire","inputs":[{"name":"challengeId","type":"bytes32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `exposurePeriod()` of Challenges. */
export const challengesExposurePeriodFunction = {"type":"function","name":"exposurePeriod","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `hashReceipt((address,address,bytes32,bytes32,uint64,uint32,bytes32,bytes32,bytes32,uint256,uint256,int256,uint256))` of Challenges. */
export const challengesHashReceiptFunction = {"type":"function","name":"hashReceipt","inputs":[{"name":"receipt","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"broadcaster","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"streamId","type":"bytes32"},{"name":"seq","type":"uint64"},{"name":"attempt","type":"uint32"},{"name":"ladderHash","type":"bytes32"},{"name":"inputHash","type":"bytes32"},{"name":"outputHash","type":"bytes32"},{"name":"pixels","type":"uint256"},{"name":"fee","type":"uint256"},{"name":"balance","type":"int256"},{"name":"round","type":"uint256"}]}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `isApprovedVerifier(address)` of Challenges. */
export const challengesIsApprovedVerifierFunction = {"type":"function","name":"isApprovedVerifier","inputs":[{"name":"verifier","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `parameters()` of Challenges. */
export const challengesParametersFunction = {"type":"function","name":"parameters","inputs":[],"outputs":[{"name":"","type":"tuple","components":[{"name":"bond","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]}],"stateMutability":"view"} as const

/** function `resolve(bytes32,uint8)` of Challenges. */
export const challengesResolveFunction = {"type":"function","name":"resolve","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setParameters((uint256,uint256,uint256,uint32,uint32))` of Challenges. */
export const challengesSetParametersFunction = {"type":"function","name":"setParameters","inputs":[{"name":"newParameters","type":"tuple","components":[{"name":"bond","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setVerifierApproval(address,bool)` of Challenges. */
export const challengesSetVerifierApprovalFunction = {"type":"function","name":"setVerifierApproval","inputs":[{"name":"verifier","type":"address"},{"name":"approved","type":"bool"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `withdrawCredit(address,uint256)` of Challenges. */
export const challengesWithdrawCreditFunction = {"type":"function","name":"withdrawCredit","inputs":[{"name":"recipient","type":"address"},{"name":"amount","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** Every error that a call to Challenges may revert with by itself. */
export const challengesErrors = [challengesAlreadyChallengedError, challengesAnswerPendingError, challengesAnswerTooLateError, challengesExposureTooLongError, challengesInsufficientCreditError, challengesInvalidParametersError, challengesInvalidSignatureError, challengesNoVerdictError, challengesNotOpenError, challengesNotVerifiableError, challengesNotVerifierError, challengesTooLateError, challengesTransferFailedError, challengesWrongBondError] as const

/** Every event of Challenges. */
export const challengesEvents = [challengesChallengedEvent, challengesCreditWithdrawnEvent, challengesCreditedEvent, challengesExpiredEvent, challengesParametersChangedEvent, challengesResolvedEvent, challengesVerifierApprovalChangedEvent] as const

/** The whole ABI of Challenges; prefer single fragments in code that a browser loads. */
export const challengesAbi = [challengesChallengeFunction, challengesChallengeOfFunction, challengesCreditOfFunction, challengesExpireFunction, challengesExposurePeriodFunction, challengesHashReceiptFunction, challengesIsApprovedVerifierFunction, challengesParametersFunction, challengesResolveFunction, challengesSetParametersFunction, challengesSetVerifierApprovalFunction, challengesWithdrawCreditFunction, challengesChallengedEvent, challengesCreditWithdrawnEvent, challengesCreditedEvent, challengesExpiredEvent, challengesParametersChangedEvent, challengesResolvedEvent, challengesVerifierApprovalChangedEvent, challengesAlreadyChallengedError, challengesAnswerPendingError, challengesAnswerTooLateError, challengesExposureTooLongError, challengesInsufficientCreditError, challengesInvalidParametersError, challengesInvalidSignatureError, challengesNoVerdictError, challengesNotOpenError, challengesNotVerifiableError, challengesNotVerifierError, challengesTooLateError, challengesTransferFailedError, challengesWrongBondError] as const
