// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of Challenges. */
export const challengesAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of Challenges. */
export const challengesAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of Challenges. */
export const challengesAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AddressEmptyCode(address)` of Challenges. */
export const challengesAddressEmptyCodeError = {"type":"error","name":"AddressEmptyCode","inputs":[{"name":"target","type":"address"}]} as const

/** error `ChallengesAlreadyChallenged(bytes32)` of Challenges. */
export const challengesAlreadyChallengedError = {"type":"error","name":"ChallengesAlreadyChallenged","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ChallengesAlreadyGuilty(bytes32)` of Challenges. */
export const challengesAlreadyGuiltyError = {"type":"error","name":"ChallengesAlreadyGuilty","inputs":[{"name":"receiptHash","type":"bytes32"}]} as const

/** error `ChallengesAnswerPending(uint256,uint256)` of Challenges. */
export const challengesAnswerPendingError = {"type":"error","name":"ChallengesAnswerPending","inputs":[{"name":"deadline","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesAnswerTooLate(uint256,uint256)` of Challenges. */
export const challengesAnswerTooLateError = {"type":"error","name":"ChallengesAnswerTooLate","inputs":[{"name":"deadline","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesAppealPending(uint256,uint256)` of Challenges. */
export const challengesAppealPendingError = {"type":"error","name":"ChallengesAppealPending","inputs":[{"name":"lastRound","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesChangedInRound(uint256)` of Challenges. */
export const challengesChangedInRoundError = {"type":"error","name":"ChallengesChangedInRound","inputs":[{"name":"round","type":"uint256"}]} as const

/** error `ChallengesDatedAhead(uint256,uint256)` of Challenges. */
export const challengesDatedAheadError = {"type":"error","name":"ChallengesDatedAhead","inputs":[{"name":"round","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

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

/** error `ChallengesNotAnswered(bytes32)` of Challenges. */
export const challengesNotAnsweredError = {"type":"error","name":"ChallengesNotAnswered","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ChallengesNotOpen(bytes32)` of Challenges. */
export const challengesNotOpenError = {"type":"error","name":"ChallengesNotOpen","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ChallengesNotVerifiable(address,bytes32,address)` of Challenges. */
export const challengesNotVerifiableError = {"type":"error","name":"ChallengesNotVerifiable","inputs":[{"name":"orchestrator","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"verifier","type":"address"}]} as const

/** error `ChallengesNotVerifier(address,address)` of Challenges. */
export const challengesNotVerifierError = {"type":"error","name":"ChallengesNotVerifier","inputs":[{"name":"caller","type":"address"},{"name":"verifier","type":"address"}]} as const

/** error `ChallengesPriority(address,uint256)` of Challenges. */
export const challengesPriorityError = {"type":"error","name":"ChallengesPriority","inputs":[{"name":"broadcaster","type":"address"},{"name":"lastRound","type":"uint256"}]} as const

/** error `ChallengesStepTooLarge(uint256,uint256)` of Challenges. */
export const challengesStepTooLargeError = {"type":"error","name":"ChallengesStepTooLarge","inputs":[{"name":"from","type":"uint256"},{"name":"to","type":"uint256"}]} as const

/** error `ChallengesTooLate(uint256,uint256)` of Challenges. */
export const challengesTooLateError = {"type":"error","name":"ChallengesTooLate","inputs":[{"name":"lastRound","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `ChallengesTransferFailed(address)` of Challenges. */
export const challengesTransferFailedError = {"type":"error","name":"ChallengesTransferFailed","inputs":[{"name":"recipient","type":"address"}]} as const

/** error `ChallengesWrongBond(uint256,uint256)` of Challenges. */
export const challengesWrongBondError = {"type":"error","name":"ChallengesWrongBond","inputs":[{"name":"sent","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `ERC1967InvalidImplementation(address)` of Challenges. */
export const challengesERC1967InvalidImplementationError = {"type":"error","name":"ERC1967InvalidImplementation","inputs":[{"name":"implementation","type":"address"}]} as const

/** error `ERC1967NonPayable()` of Challenges. */
export const challengesERC1967NonPayableError = {"type":"error","name":"ERC1967NonPayable","inputs":[]} as const

/** error `EnforcedPause()` of Challenges. */
export const challengesEnforcedPauseError = {"type":"error","name":"EnforcedPause","inputs":[]} as const

/** error `ExpectedPause()` of Challenges. */
export const challengesExpectedPauseError = {"type":"error","name":"ExpectedPause","inputs":[]} as const

/** error `FailedCall()` of Challenges. */
export const challengesFailedCallError = {"type":"error","name":"FailedCall","inputs":[]} as const

/** error `InvalidInitialization()` of Challenges. */
export const challengesInvalidInitializationError = {"type":"error","name":"InvalidInitialization","inputs":[]} as const

/** error `NotInitializing()` of Challenges. */
export const challengesNotInitializingError = {"type":"error","name":"NotInitializing","inputs":[]} as const

/** error `SafeCastOverflowedUintDowncast(uint8,uint256)` of Challenges. */
export const challengesSafeCastOverflowedUintDowncastError = {"type":"error","name":"SafeCastOverflowedUintDowncast","inputs":[{"name":"bits","type":"uint8"},{"name":"value","type":"uint256"}]} as const

/** error `UUPSUnauthorizedCallContext()` of Challenges. */
export const challengesUUPSUnauthorizedCallContextError = {"type":"error","name":"UUPSUnauthorizedCallContext","inputs":[]} as const

/** error `UUPSUnsupportedProxiableUUID(bytes32)` of Challenges. */
export const challengesUUPSUnsupportedProxiableUUIDError = {"type":"error","name":"UUPSUnsupportedProxiableUUID","inputs":[{"name":"slot","type":"bytes32"}]} as const

/** event `Answered(bytes32,uint8,uint256)` of Challenges. */
export const challengesAnsweredEvent = {"type":"event","name":"Answered","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"verdict","type":"uint8","indexed":false},{"name":"finalRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `AuthorityUpdated(address)` of Challenges. */
export const challengesAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `Challenged(bytes32,address,address,bytes32,address,uint256,uint256)` of Challenges. */
export const challengesChallengedEvent = {"type":"event","name":"Challenged","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"challenger","type":"address","indexed":true},{"name":"receiptHash","type":"bytes32","indexed":false},{"name":"verifier","type":"address","indexed":false},{"name":"bond","type":"uint256","indexed":false},{"name":"deadline","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `CreditWithdrawn(address,address,uint256)` of Challenges. */
export const challengesCreditWithdrawnEvent = {"type":"event","name":"CreditWithdrawn","inputs":[{"name":"account","type":"address","indexed":true},{"name":"recipient","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Credited(address,uint256)` of Challenges. */
export const challengesCreditedEvent = {"type":"event","name":"Credited","inputs":[{"name":"account","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `EquivocationPunished(address,address,uint256,uint256)` of Challenges. */
export const challengesEquivocationPunishedEvent = {"type":"event","name":"EquivocationPunished","inputs":[{"name":"attester","type":"address","indexed":true},{"name":"reporter","type":"address","indexed":true},{"name":"penalty","type":"uint256","indexed":false},{"name":"bounty","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Expired(bytes32)` of Challenges. */
export const challengesExpiredEvent = {"type":"event","name":"Expired","inputs":[{"name":"challengeId","type":"bytes32","indexed":true}],"anonymous":false} as const

/** event `Initialized(uint64)` of Challenges. */
export const challengesInitializedEvent = {"type":"event","name":"Initialized","inputs":[{"name":"version","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `Overturned(bytes32,uint8,uint8)` of Challenges. */
export const challengesOverturnedEvent = {"type":"event","name":"Overturned","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"oldVerdict","type":"uint8","indexed":false},{"name":"newVerdict","type":"uint8","indexed":false}],"anonymous":false} as const

/** event `ParametersChanged((uint256,uint256,uint256,uint256,uint256,uint32),(uint256,uint256,uint256,uint256,uint256,uint32))` of Challenges. */
export const challengesParametersChangedEvent = {"type":"event","name":"ParametersChanged","inputs":[{"name":"oldParameters","type":"tuple","indexed":false,"components":[{"name":"bond","type":"uint256"},{"name":"priority","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"appealPeriod","type":"uint256"},{"name":"attesterShare","type":"uint32"}]},{"name":"newParameters","type":"tuple","indexed":false,"components":[{"name":"bond","type":"uint256"},{"name":"priority","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"appealPeriod","type":"uint256"},{"name":"attesterShare","type":"uint32"}]}],"anonymous":false} as const

/** event `Paused(address)` of Challenges. */
export const challengesPausedEvent = {"type":"event","name":"Paused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Resolved(bytes32,uint8,uint256,uint256)` of Challenges. */
export const challengesResolvedEvent = {"type":"event","name":"Resolved","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"verdict","type":"uint8","indexed":false},{"name":"penalty","type":"uint256","indexed":false},{"name":"bounty","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unpaused(address)` of Challenges. */
export const challengesUnpausedEvent = {"type":"event","name":"Unpaused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Upgraded(address)` of Challenges. */
export const challengesUpgradedEvent = {"type":"event","name":"Upgraded","inputs":[{"name":"implementation","type":"address","indexed":true}],"anonymous":false} as const

/** event `VerifierApprovalChanged(address,bool,bool)` of Challenges. */
export const challengesVerifierApprovalChangedEvent = {"type":"event","name":"VerifierApprovalChanged","inputs":[{"name":"verifier","type":"address","indexed":true},{"name":"oldApproved","type":"bool","indexed":false},{"name":"newApproved","type":"bool","indexed":false}],"anonymous":false} as const

/** event `WindowExtended(uint256,uint256)` of Challenges. */
export const challengesWindowExtendedEvent = {"type":"event","name":"WindowExtended","inputs":[{"name":"extension","type":"uint256","indexed":false},{"name":"lastRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** function `EQUIVOCATION_BOUNTY_RATE()` of Challenges. */
export const challengesEQUIVOCATION_BOUNTY_RATEFunction = {"type":"function","name":"EQUIVOCATION_BOUNTY_RATE","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"} as const

/** function `EQUIVOCATION_SLASH_RATE()` of Challenges. */
export const challengesEQUIVOCATION_SLASH_RATEFunction = {"type":"function","name":"EQUIVOCATION_SLASH_RATE","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"} as const

/** function `UPGRADE_INTERFACE_VERSION()` of Challenges. */
export const challengesUPGRADE_INTERFACE_VERSIONFunction = {"type":"function","name":"UPGRADE_INTERFACE_VERSION","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `authority()` of Challenges. */
export const challengesAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `challenge((address,address,bytes32,bytes32,uint64,uint32,bytes32,bytes32,bytes32,uint256,uint256,uint256,int256,uint256),bytes,bytes)` of Challenges. */
export const challengesChallengeFunction = {"type":"function","name":"challenge","inputs":[{"name":"receipt","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"broadcaster","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"streamId","type":"bytes32"},{"name":"seq","type":"uint64"},{"name":"attempt","type":"uint32"},{"name":"ladderHash","type":"bytes32"},{"name":"inputHash","type":"bytes32"},{"name":"outputHash","type":"bytes32"},{"name":"inputPixels","type":"uint256"},{"name":"pixels","type":"uint256"},{"name":"fee","type":"uint256"},{"name":"balance","type":"int256"},{"name":"round","type":"uint256"}]},{"name":"signature","type":"bytes"},{"name":"evidence","type":"bytes"}],"outputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"}],"stateMutability":"payable"} as const

/** function `challengeIdOf(bytes32,address)` of Challenges. */
export const challengesChallengeIdOfFunction = {"type":"function","name":"challengeIdOf","inputs":[{"name":"receiptHash","type":"bytes32"},{"name":"challenger","type":"address"}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"pure"} as const

/** function `challengeOf(bytes32)` of Challenges. */
export const challengesChallengeOfFunction = {"type":"function","name":"challengeOf","inputs":[{"name":"challengeId","type":"bytes32"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"challenger","type":"address"},{"name":"orchestrator","type":"address"},{"name":"verifier","type":"address"},{"name":"bond","type":"uint256"},{"name":"receiptHash","type":"bytes32"},{"name":"round","type":"uint64"},{"name":"deadline","type":"uint64"},{"name":"attesterShare","type":"uint32"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"},{"name":"verdict","type":"uint8"},{"name":"closed","type":"bool"}]}],"stateMutability":"view"} as const

/** function `conclude(bytes32)` of Challenges. */
export const challengesConcludeFunction = {"type":"function","name":"conclude","inputs":[{"name":"challengeId","type":"bytes32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `creditOf(address)` of Challenges. */
export const challengesCreditOfFunction = {"type":"function","name":"creditOf","inputs":[{"name":"account","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `expire(bytes32)` of Challenges. */
export const challengesExpireFunction = {"type":"function","name":"expire","inputs":[{"name":"challengeId","type":"bytes32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `exposurePeriod()` of Challenges. */
export const challengesExposurePeriodFunction = {"type":"function","name":"exposurePeriod","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `hashReceipt((address,address,bytes32,bytes32,uint64,uint32,bytes32,bytes32,bytes32,uint256,uint256,uint256,int256,uint256))` of Challenges. */
export const challengesHashReceiptFunction = {"type":"function","name":"hashReceipt","inputs":[{"name":"receipt","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"broadcaster","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"streamId","type":"bytes32"},{"name":"seq","type":"uint64"},{"name":"attempt","type":"uint32"},{"name":"ladderHash","type":"bytes32"},{"name":"inputHash","type":"bytes32"},{"name":"outputHash","type":"bytes32"},{"name":"inputPixels","type":"uint256"},{"name":"pixels","type":"uint256"},{"name":"fee","type":"uint256"},{"name":"balance","type":"int256"},{"name":"round","type":"uint256"}]}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `initialize(address,(uint256,uint256,uint256,uint256,uint256,uint32))` of Challenges. */
export const challengesInitializeFunction = {"type":"function","name":"initialize","inputs":[{"name":"authority_","type":"address"},{"name":"initial","type":"tuple","components":[{"name":"bond","type":"uint256"},{"name":"priority","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"appealPeriod","type":"uint256"},{"name":"attesterShare","type":"uint32"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `isApprovedVerifier(address)` of Challenges. */
export const challengesIsApprovedVerifierFunction = {"type":"function","name":"isApprovedVerifier","inputs":[{"name":"verifier","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `isConsumingScheduledOp()` of Challenges. */
export const challengesIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `isGuilty(bytes32)` of Challenges. */
export const challengesIsGuiltyFunction = {"type":"function","name":"isGuilty","inputs":[{"name":"receiptHash","type":"bytes32"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `overturn(bytes32,uint8)` of Challenges. */
export const challengesOverturnFunction = {"type":"function","name":"overturn","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `parameters()` of Challenges. */
export const challengesParametersFunction = {"type":"function","name":"parameters","inputs":[],"outputs":[{"name":"","type":"tuple","components":[{"name":"bond","type":"uint256"},{"name":"priority","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"appealPeriod","type":"uint256"},{"name":"attesterShare","type":"uint32"}]}],"stateMutability":"view"} as const

/** function `pause()` of Challenges. */
export const challengesPauseFunction = {"type":"function","name":"pause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `paused()` of Challenges. */
export const challengesPausedFunction = {"type":"function","name":"paused","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `proxiableUUID()` of Challenges. */
export const challengesProxiableUUIDFunction = {"type":"function","name":"proxiableUUID","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `punishEquivocation(address,address,uint256)` of Challenges. */
export const challengesPunishEquivocationFunction = {"type":"function","name":"punishEquivocation","inputs":[{"name":"attester","type":"address"},{"name":"reporter","type":"address"},{"name":"round","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `resolve(bytes32,uint8,address[])` of Challenges. */
export const challengesResolveFunction = {"type":"function","name":"resolve","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"},{"name":"attesters","type":"address[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setAuthority(address)` of Challenges. */
export const challengesSetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setParameters((uint256,uint256,uint256,uint256,uint256,uint32))` of Challenges. */
export const challengesSetParametersFunction = {"type":"function","name":"setParameters","inputs":[{"name":"newParameters","type":"tuple","components":[{"name":"bond","type":"uint256"},{"name":"priority","type":"uint256"},{"name":"window","type":"uint256"},{"name":"answerPeriod","type":"uint256"},{"name":"appealPeriod","type":"uint256"},{"name":"attesterShare","type":"uint32"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setVerifierApproval(address,bool)` of Challenges. */
export const challengesSetVerifierApprovalFunction = {"type":"function","name":"setVerifierApproval","inputs":[{"name":"verifier","type":"address"},{"name":"approved","type":"bool"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `unpause()` of Challenges. */
export const challengesUnpauseFunction = {"type":"function","name":"unpause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `upgradeToAndCall(address,bytes)` of Challenges. */
export const challengesUpgradeToAndCallFunction = {"type":"function","name":"upgradeToAndCall","inputs":[{"name":"newImplementation","type":"address"},{"name":"data","type":"bytes"}],"outputs":[],"stateMutability":"payable"} as const

/** function `withdrawCredit(address,uint256)` of Challenges. */
export const challengesWithdrawCreditFunction = {"type":"function","name":"withdrawCredit","inputs":[{"name":"recipient","type":"address"},{"name":"amount","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** Every error that a call to Challenges may revert with by itself. */
export const challengesErrors = [challengesAccessManagedInvalidAuthorityError, challengesAccessManagedRequiredDelayError, challengesAccessManagedUnauthorizedError, challengesAddressEmptyCodeError, challengesAlreadyChallengedError, challengesAlreadyGuiltyError, challengesAnswerPendingError, challengesAnswerTooLateError, challengesAppealPendingError, challengesChangedInRoundError, challengesDatedAheadError, challengesExposureTooLongError, challengesInsufficientCreditError, challengesInvalidParametersError, challengesInvalidSignatureError, challengesNoVerdictError, challengesNotAnsweredError, challengesNotOpenError, challengesNotVerifiableError, challengesNotVerifierError, challengesPriorityError, challengesStepTooLargeError, challengesTooLateError, challengesTransferFailedError, challengesWrongBondError, challengesERC1967InvalidImplementationError, challengesERC1967NonPayableError, challengesEnforcedPauseError, challengesExpectedPauseError, challengesFailedCallError, challengesInvalidInitializationError, challengesNotInitializingError, challengesSafeCastOverflowedUintDowncastError, challengesUUPSUnauthorizedCallContextError, challengesUUPSUnsupportedProxiableUUIDError] as const

/** Every event of Challenges. */
export const challengesEvents = [challengesAnsweredEvent, challengesAuthorityUpdatedEvent, challengesChallengedEvent, challengesCreditWithdrawnEvent, challengesCreditedEvent, challengesEquivocationPunishedEvent, challengesExpiredEvent, challengesInitializedEvent, challengesOverturnedEvent, challengesParametersChangedEvent, challengesPausedEvent, challengesResolvedEvent, challengesUnpausedEvent, challengesUpgradedEvent, challengesVerifierApprovalChangedEvent, challengesWindowExtendedEvent] as const

/** The whole ABI of Challenges; prefer single fragments in code that a browser loads. */
export const challengesAbi = [challengesEQUIVOCATION_BOUNTY_RATEFunction, challengesEQUIVOCATION_SLASH_RATEFunction, challengesUPGRADE_INTERFACE_VERSIONFunction, challengesAuthorityFunction, challengesChallengeFunction, challengesChallengeIdOfFunction, challengesChallengeOfFunction, challengesConcludeFunction, challengesCreditOfFunction, challengesExpireFunction, challengesExposurePeriodFunction, challengesHashReceiptFunction, challengesInitializeFunction, challengesIsApprovedVerifierFunction, challengesIsConsumingScheduledOpFunction, challengesIsGuiltyFunction, challengesOverturnFunction, challengesParametersFunction, challengesPauseFunction, challengesPausedFunction, challengesProxiableUUIDFunction, challengesPunishEquivocationFunction, challengesResolveFunction, challengesSetAuthorityFunction, challengesSetParametersFunction, challengesSetVerifierApprovalFunction, challengesUnpauseFunction, challengesUpgradeToAndCallFunction, challengesWithdrawCreditFunction, challengesAnsweredEvent, challengesAuthorityUpdatedEvent, challengesChallengedEvent, challengesCreditWithdrawnEvent, challengesCreditedEvent, challengesEquivocationPunishedEvent, challengesExpiredEvent, challengesInitializedEvent, challengesOverturnedEvent, challengesParametersChangedEvent, challengesPausedEvent, challengesResolvedEvent, challengesUnpausedEvent, challengesUpgradedEvent, challengesVerifierApprovalChangedEvent, challengesWindowExtendedEvent, challengesAccessManagedInvalidAuthorityError, challengesAccessManagedRequiredDelayError, challengesAccessManagedUnauthorizedError, challengesAddressEmptyCodeError, challengesAlreadyChallengedError, challengesAlreadyGuiltyError, challengesAnswerPendingError, challengesAnswerTooLateError, challengesAppealPendingError, challengesChangedInRoundError, challengesDatedAheadError, challengesExposureTooLongError, challengesInsufficientCreditError, challengesInvalidParametersError, challengesInvalidSignatureError, challengesNoVerdictError, challengesNotAnsweredError, challengesNotOpenError, challengesNotVerifiableError, challengesNotVerifierError, challengesPriorityError, challengesStepTooLargeError, challengesTooLateError, challengesTransferFailedError, challengesWrongBondError, challengesERC1967InvalidImplementationError, challengesERC1967NonPayableError, challengesEnforcedPauseError, challengesExpectedPauseError, challengesFailedCallError, challengesInvalidInitializationError, challengesNotInitializingError, challengesSafeCastOverflowedUintDowncastError, challengesUUPSUnauthorizedCallContextError, challengesUUPSUnsupportedProxiableUUIDError] as const
