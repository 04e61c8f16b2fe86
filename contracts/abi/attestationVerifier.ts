// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of AttestationVerifier. */
export const attestationVerifierAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of AttestationVerifier. */
export const attestationVerifierAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of AttestationVerifier. */
export const attestationVerifierAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AddressEmptyCode(address)` of AttestationVerifier. */
export const attestationVerifierAddressEmptyCodeError = {"type":"error","name":"AddressEmptyCode","inputs":[{"name":"target","type":"address"}]} as const

/** error `AttestationVerifierInvalidThreshold(uint256,uint256)` of AttestationVerifier. */
export const attestationVerifierInvalidThresholdError = {"type":"error","name":"AttestationVerifierInvalidThreshold","inputs":[{"name":"threshold","type":"uint256"},{"name":"attesterCount","type":"uint256"}]} as const

/** error `AttestationVerifierNoEquivocation(address,address)` of AttestationVerifier. */
export const attestationVerifierNoEquivocationError = {"type":"error","name":"AttestationVerifierNoEquivocation","inputs":[{"name":"first","type":"address"},{"name":"second","type":"address"}]} as const

/** error `AttestationVerifierNotAscending(address,address)` of AttestationVerifier. */
export const attestationVerifierNotAscendingError = {"type":"error","name":"AttestationVerifierNotAscending","inputs":[{"name":"previous","type":"address"},{"name":"signer","type":"address"}]} as const

/** error `AttestationVerifierNotEligible(address)` of AttestationVerifier. */
export const attestationVerifierNotEligibleError = {"type":"error","name":"AttestationVerifierNotEligible","inputs":[{"name":"signer","type":"address"}]} as const

/** error `AttestationVerifierTooFew(uint256,uint256)` of AttestationVerifier. */
export const attestationVerifierTooFewError = {"type":"error","name":"AttestationVerifierTooFew","inputs":[{"name":"given","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `AttestationVerifierUnauthorized(address)` of AttestationVerifier. */
export const attestationVerifierUnauthorizedError = {"type":"error","name":"AttestationVerifierUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AttestationVerifierUnchanged(address)` of AttestationVerifier. */
export const attestationVerifierUnchangedError = {"type":"error","name":"AttestationVerifierUnchanged","inputs":[{"name":"attester","type":"address"}]} as const

/** error `AttestationVerifierUnknownChallenge(bytes32)` of AttestationVerifier. */
export const attestationVerifierUnknownChallengeError = {"type":"error","name":"AttestationVerifierUnknownChallenge","inputs":[{"name":"challengeId","type":"bytes32"}]} as const

/** error `ERC1967InvalidImplementation(address)` of AttestationVerifier. */
export const attestationVerifierERC1967InvalidImplementationError = {"type":"error","name":"ERC1967InvalidImplementation","inputs":[{"name":"implementation","type":"address"}]} as const

/** error `ERC1967NonPayable()` of AttestationVerifier. */
export const attestationVerifierERC1967NonPayableError = {"type":"error","name":"ERC1967NonPayable","inputs":[]} as const

/** error `EnforcedPause()` of AttestationVerifier. */
export const attestationVerifierEnforcedPauseError = {"type":"error","name":"EnforcedPause","inputs":[]} as const

/** error `ExpectedPause()` of AttestationVerifier. */
export const attestationVerifierExpectedPauseError = {"type":"error","name":"ExpectedPause","inputs":[]} as const

/** error `FailedCall()` of AttestationVerifier. */
export const attestationVerifierFailedCallError = {"type":"error","name":"FailedCall","inputs":[]} as const

/** error `InvalidInitialization()` of AttestationVerifier. */
export const attestationVerifierInvalidInitializationError = {"type":"error","name":"InvalidInitialization","inputs":[]} as const

/** error `NotInitializing()` of AttestationVerifier. */
export const attestationVerifierNotInitializingError = {"type":"error","name":"NotInitializing","inputs":[]} as const

/** error `UUPSUnauthorizedCallContext()` of AttestationVerifier. */
export const attestationVerifierUUPSUnauthorizedCallContextError = {"type":"error","name":"UUPSUnauthorizedCallContext","inputs":[]} as const

/** error `UUPSUnsupportedProxiableUUID(bytes32)` of AttestationVerifier. */
export const attestationVerifierUUPSUnsupportedProxiableUUIDError = {"type":"error","name":"UUPSUnsupportedProxiableUUID","inputs":[{"name":"slot","type":"bytes32"}]} as const

/** event `AttestationRequested(bytes32,address,address,bytes)` of AttestationVerifier. */
export const attestationVerifierAttestationRequestedEvent = {"type":"event","name":"AttestationRequested","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"challenger","type":"address","indexed":true},{"name":"evidence","type":"bytes","indexed":false}],"anonymous":false} as const

/** event `Attested(bytes32,uint8,uint256)` of AttestationVerifier. */
export const attestationVerifierAttestedEvent = {"type":"event","name":"Attested","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"verdict","type":"uint8","indexed":false},{"name":"attestations","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `AttesterChanged(address,bool,uint256)` of AttestationVerifier. */
export const attestationVerifierAttesterChangedEvent = {"type":"event","name":"AttesterChanged","inputs":[{"name":"attester","type":"address","indexed":true},{"name":"isAttester","type":"bool","indexed":false},{"name":"attesterCount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `AuthorityUpdated(address)` of AttestationVerifier. */
export const attestationVerifierAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `EquivocationProven(bytes32,address,address)` of AttestationVerifier. */
export const attestationVerifierEquivocationProvenEvent = {"type":"event","name":"EquivocationProven","inputs":[{"name":"challengeId","type":"bytes32","indexed":true},{"name":"attester","type":"address","indexed":true},{"name":"reporter","type":"address","indexed":true}],"anonymous":false} as const

/** event `Initialized(uint64)` of AttestationVerifier. */
export const attestationVerifierInitializedEvent = {"type":"event","name":"Initialized","inputs":[{"name":"version","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `Paused(address)` of AttestationVerifier. */
export const attestationVerifierPausedEvent = {"type":"event","name":"Paused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `ThresholdChanged(uint256,uint256)` of AttestationVerifier. */
export const attestationVerifierThresholdChangedEvent = {"type":"event","name":"ThresholdChanged","inputs":[{"name":"oldThreshold","type":"uint256","indexed":false},{"name":"newThreshold","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unpaused(address)` of AttestationVerifier. */
export const attestationVerifierUnpausedEvent = {"type":"event","name":"Unpaused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Upgraded(address)` of AttestationVerifier. */
export const attestationVerifierUpgradedEvent = {"type":"event","name":"Upgraded","inputs":[{"name":"implementation","type":"address","indexed":true}],"anonymous":false} as const

/** function `UPGRADE_INTERFACE_VERSION()` of AttestationVerifier. */
export const attestationVerifierUPGRADE_INTERFACE_VERSIONFunction = {"type":"function","name":"UPGRADE_INTERFACE_VERSION","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `attest(bytes32,uint8,address[],bytes[])` of AttestationVerifier. */
export const attestationVerifierAttestFunction = {"type":"function","name":"attest","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"},{"name":"attesters_","type":"address[]"},{"name":"signatures","type":"bytes[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `attesterCount()` of AttestationVerifier. */
export const attestationVerifierAttesterCountFunction = {"type":"function","name":"attesterCount","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `attesters()` of AttestationVerifier. */
export const attestationVerifierAttestersFunction = {"type":"function","name":"attesters","inputs":[],"outputs":[{"name":"","type":"address[]"}],"stateMutability":"view"} as const

/** function `authority()` of AttestationVerifier. */
export const attestationVerifierAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `hashVerdict(bytes32,uint8)` of AttestationVerifier. */
export const attestationVerifierHashVerdictFunction = {"type":"function","name":"hashVerdict","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"verdict","type":"uint8"}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `initialize(address)` of AttestationVerifier. */
export const attestationVerifierInitializeFunction = {"type":"function","name":"initialize","inputs":[{"name":"authority_","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `isAttester(address)` of AttestationVerifier. */
export const attestationVerifierIsAttesterFunction = {"type":"function","name":"isAttester","inputs":[{"name":"account","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `isConsumingScheduledOp()` of AttestationVerifier. */
export const attestationVerifierIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `judge(bytes32,(address,address,bytes32,bytes32,uint64,uint32,bytes32,bytes32,bytes32,uint256,uint256,uint256,int256,uint256),address,bytes)` of AttestationVerifier. */
export const attestationVerifierJudgeFunction = {"type":"function","name":"judge","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"receipt","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"broadcaster","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"streamId","type":"bytes32"},{"name":"seq","type":"uint64"},{"name":"attempt","type":"uint32"},{"name":"ladderHash","type":"bytes32"},{"name":"inputHash","type":"bytes32"},{"name":"outputHash","type":"bytes32"},{"name":"inputPixels","type":"uint256"},{"name":"pixels","type":"uint256"},{"name":"fee","type":"uint256"},{"name":"balance","type":"int256"},{"name":"round","type":"uint256"}]},{"name":"challenger","type":"address"},{"name":"evidence","type":"bytes"}],"outputs":[{"name":"","type":"uint8"}],"stateMutability":"nonpayable"} as const

/** function `pause()` of AttestationVerifier. */
export const attestationVerifierPauseFunction = {"type":"function","name":"pause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `paused()` of AttestationVerifier. */
export const attestationVerifierPausedFunction = {"type":"function","name":"paused","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `proxiableUUID()` of AttestationVerifier. */
export const attestationVerifierProxiableUUIDFunction = {"type":"function","name":"proxiableUUID","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `reportEquivocation(bytes32,address,uint8,bytes,uint8,bytes)` of AttestationVerifier. */
export const attestationVerifierReportEquivocationFunction = {"type":"function","name":"reportEquivocation","inputs":[{"name":"challengeId","type":"bytes32"},{"name":"attester","type":"address"},{"name":"first","type":"uint8"},{"name":"firstSignature","type":"bytes"},{"name":"second","type":"uint8"},{"name":"secondSignature","type":"bytes"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setAuthority(address)` of AttestationVerifier. */
export const attestationVerifierSetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setCommittee(address[],address[],uint256)` of AttestationVerifier. */
export const attestationVerifierSetCommitteeFunction = {"type":"function","name":"setCommittee","inputs":[{"name":"added","type":"address[]"},{"name":"removed","type":"address[]"},{"name":"newThreshold","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `threshold()` of AttestationVerifier. */
export const attestationVerifierThresholdFunction = {"type":"function","name":"threshold","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `unpause()` of AttestationVerifier. */
export const attestationVerifierUnpauseFunction = {"type":"function","name":"unpause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `upgradeToAndCall(address,bytes)` of AttestationVerifier. */
export const attestationVerifierUpgradeToAndCallFunction = {"type":"function","name":"upgradeToAndCall","inputs":[{"name":"newImplementation","type":"address"},{"name":"data","type":"bytes"}],"outputs":[],"stateMutability":"payable"} as const

/** Every error that a call to AttestationVerifier may revert with by itself. */
export const attestationVerifierErrors = [attestationVerifierAccessManagedInvalidAuthorityError, attestationVerifierAccessManagedRequiredDelayError, attestationVerifierAccessManagedUnauthorizedError, attestationVerifierAddressEmptyCodeError, attestationVerifierInvalidThresholdError, attestationVerifierNoEquivocationError, attestationVerifierNotAscendingError, attestationVerifierNotEligibleError, attestationVerifierTooFewError, attestationVerifierUnauthorizedError, attestationVerifierUnchangedError, attestationVerifierUnknownChallengeError, attestationVerifierERC1967InvalidImplementationError, attestationVerifierERC1967NonPayableError, attestationVerifierEnforcedPauseError, attestationVerifierExpectedPauseError, attestationVerifierFailedCallError, attestationVerifierInvalidInitializationError, attestationVerifierNotInitializingError, attestationVerifierUUPSUnauthorizedCallContextError, attestationVerifierUUPSUnsupportedProxiableUUIDError] as const

/** Every event of AttestationVerifier. */
export const attestationVerifierEvents = [attestationVerifierAttestationRequestedEvent, attestationVerifierAttestedEvent, attestationVerifierAttesterChangedEvent, attestationVerifierAuthorityUpdatedEvent, attestationVerifierEquivocationProvenEvent, attestationVerifierInitializedEvent, attestationVerifierPausedEvent, attestationVerifierThresholdChangedEvent, attestationVerifierUnpausedEvent, attestationVerifierUpgradedEvent] as const

/** The whole ABI of AttestationVerifier; prefer single fragments in code that a browser loads. */
export const attestationVerifierAbi = [attestationVerifierUPGRADE_INTERFACE_VERSIONFunction, attestationVerifierAttestFunction, attestationVerifierAttesterCountFunction, attestationVerifierAttestersFunction, attestationVerifierAuthorityFunction, attestationVerifierHashVerdictFunction, attestationVerifierInitializeFunction, attestationVerifierIsAttesterFunction, attestationVerifierIsConsumingScheduledOpFunction, attestationVerifierJudgeFunction, attestationVerifierPauseFunction, attestationVerifierPausedFunction, attestationVerifierProxiableUUIDFunction, attestationVerifierReportEquivocationFunction, attestationVerifierSetAuthorityFunction, attestationVerifierSetCommitteeFunction, attestationVerifierThresholdFunction, attestationVerifierUnpauseFunction, attestationVerifierUpgradeToAndCallFunction, attestationVerifierAttestationRequestedEvent, attestationVerifierAttestedEvent, attestationVerifierAttesterChangedEvent, attestationVerifierAuthorityUpdatedEvent, attestationVerifierEquivocationProvenEvent, attestationVerifierInitializedEvent, attestationVerifierPausedEvent, attestationVerifierThresholdChangedEvent, attestationVerifierUnpausedEvent, attestationVerifierUpgradedEvent, attestationVerifierAccessManagedInvalidAuthorityError, attestationVerifierAccessManagedRequiredDelayError, attestationVerifierAccessManagedUnauthorizedError, attestationVerifierAddressEmptyCodeError, attestationVerifierInvalidThresholdError, attestationVerifierNoEquivocationError, attestationVerifierNotAscendingError, attestationVerifierNotEligibleError, attestationVerifierTooFewError, attestationVerifierUnauthorizedError, attestationVerifierUnchangedError, attestationVerifierUnknownChallengeError, attestationVerifierERC1967InvalidImplementationError, attestationVerifierERC1967NonPayableError, attestationVerifierEnforcedPauseError, attestationVerifierExpectedPauseError, attestationVerifierFailedCallError, attestationVerifierInvalidInitializationError, attestationVerifierNotInitializingError, attestationVerifierUUPSUnauthorizedCallContextError, attestationVerifierUUPSUnsupportedProxiableUUIDError] as const
