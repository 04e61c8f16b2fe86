// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of TicketBroker. */
export const ticketBrokerAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of TicketBroker. */
export const ticketBrokerAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of TicketBroker. */
export const ticketBrokerAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AddressEmptyCode(address)` of TicketBroker. */
export const ticketBrokerAddressEmptyCodeError = {"type":"error","name":"AddressEmptyCode","inputs":[{"name":"target","type":"address"}]} as const

/** error `ERC1967InvalidImplementation(address)` of TicketBroker. */
export const ticketBrokerERC1967InvalidImplementationError = {"type":"error","name":"ERC1967InvalidImplementation","inputs":[{"name":"implementation","type":"address"}]} as const

/** error `ERC1967NonPayable()` of TicketBroker. */
export const ticketBrokerERC1967NonPayableError = {"type":"error","name":"ERC1967NonPayable","inputs":[]} as const

/** error `EnforcedPause()` of TicketBroker. */
export const ticketBrokerEnforcedPauseError = {"type":"error","name":"EnforcedPause","inputs":[]} as const

/** error `ExpectedPause()` of TicketBroker. */
export const ticketBrokerExpectedPauseError = {"type":"error","name":"ExpectedPause","inputs":[]} as const

/** error `FailedCall()` of TicketBroker. */
export const ticketBrokerFailedCallError = {"type":"error","name":"FailedCall","inputs":[]} as const

/** error `InvalidInitialization()` of TicketBroker. */
export const ticketBrokerInvalidInitializationError = {"type":"error","name":"InvalidInitialization","inputs":[]} as const

/** error `NotInitializing()` of TicketBroker. */
export const ticketBrokerNotInitializingError = {"type":"error","name":"NotInitializing","inputs":[]} as const

/** error `TicketBrokerChangedInRound(uint256)` of TicketBroker. */
export const ticketBrokerChangedInRoundError = {"type":"error","name":"TicketBrokerChangedInRound","inputs":[{"name":"round","type":"uint256"}]} as const

/** error `TicketBrokerGrantEnded(bytes32,address)` of TicketBroker. */
export const ticketBrokerGrantEndedError = {"type":"error","name":"TicketBrokerGrantEnded","inputs":[{"name":"grantHash","type":"bytes32"},{"name":"recipient","type":"address"}]} as const

/** error `TicketBrokerGrantExpired(bytes32,uint256,uint256)` of TicketBroker. */
export const ticketBrokerGrantExpiredError = {"type":"error","name":"TicketBrokerGrantExpired","inputs":[{"name":"grantHash","type":"bytes32"},{"name":"validUntil","type":"uint256"},{"name":"roundStart","type":"uint256"}]} as const

/** error `TicketBrokerGrantRevoked(bytes32,uint256,uint256)` of TicketBroker. */
export const ticketBrokerGrantRevokedError = {"type":"error","name":"TicketBrokerGrantRevoked","inputs":[{"name":"grantHash","type":"bytes32"},{"name":"revocationRound","type":"uint256"},{"name":"creationRound","type":"uint256"}]} as const

/** error `TicketBrokerGrantUnknown(address,bytes32,address)` of TicketBroker. */
export const ticketBrokerGrantUnknownError = {"type":"error","name":"TicketBrokerGrantUnknown","inputs":[{"name":"sender","type":"address"},{"name":"grantHash","type":"bytes32"},{"name":"signer","type":"address"}]} as const

/** error `TicketBrokerHaltUnchanged(bool)` of TicketBroker. */
export const ticketBrokerHaltUnchangedError = {"type":"error","name":"TicketBrokerHaltUnchanged","inputs":[{"name":"halted","type":"bool"}]} as const

/** error `TicketBrokerInsufficientFunds(address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerInsufficientFundsError = {"type":"error","name":"TicketBrokerInsufficientFunds","inputs":[{"name":"sender","type":"address"},{"name":"available","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `TicketBrokerInvalidFeeShare(uint32)` of TicketBroker. */
export const ticketBrokerInvalidFeeShareError = {"type":"error","name":"TicketBrokerInvalidFeeShare","inputs":[{"name":"feeShare","type":"uint32"}]} as const

/** error `TicketBrokerInvalidGrant(bytes32,address)` of TicketBroker. */
export const ticketBrokerInvalidGrantError = {"type":"error","name":"TicketBrokerInvalidGrant","inputs":[{"name":"grantHash","type":"bytes32"},{"name":"sender","type":"address"}]} as const

/** error `TicketBrokerInvalidParameters(uint256,uint256,uint256,uint32)` of TicketBroker. */
export const ticketBrokerInvalidParametersError = {"type":"error","name":"TicketBrokerInvalidParameters","inputs":[{"name":"ticketValidityPeriod","type":"uint256"},{"name":"unlockPeriod","type":"uint256"},{"name":"unbondingPeriod","type":"uint256"},{"name":"escrowBurnShare","type":"uint32"}]} as const

/** error `TicketBrokerLengthMismatch(uint256,uint256)` of TicketBroker. */
export const ticketBrokerLengthMismatchError = {"type":"error","name":"TicketBrokerLengthMismatch","inputs":[{"name":"first","type":"uint256"},{"name":"second","type":"uint256"}]} as const

/** error `TicketBrokerMalformedSignature(bytes32)` of TicketBroker. */
export const ticketBrokerMalformedSignatureError = {"type":"error","name":"TicketBrokerMalformedSignature","inputs":[{"name":"ticketHash","type":"bytes32"}]} as const

/** error `TicketBrokerNoFunds(address)` of TicketBroker. */
export const ticketBrokerNoFundsError = {"type":"error","name":"TicketBrokerNoFunds","inputs":[{"name":"sender","type":"address"}]} as const

/** error `TicketBrokerNotRecipient(address,address)` of TicketBroker. */
export const ticketBrokerNotRecipientError = {"type":"error","name":"TicketBrokerNotRecipient","inputs":[{"name":"caller","type":"address"},{"name":"recipient","type":"address"}]} as const

/** error `TicketBrokerNotUnlocking(address)` of TicketBroker. */
export const ticketBrokerNotUnlockingError = {"type":"error","name":"TicketBrokerNotUnlocking","inputs":[{"name":"sender","type":"address"}]} as const

/** error `TicketBrokerPayoutTooLow(bytes32,uint256,uint256)` of TicketBroker. */
export const ticketBrokerPayoutTooLowError = {"type":"error","name":"TicketBrokerPayoutTooLow","inputs":[{"name":"ticketHash","type":"bytes32"},{"name":"payout","type":"uint256"},{"name":"minPayout","type":"uint256"}]} as const

/** error `TicketBrokerRedemptionHalted()` of TicketBroker. */
export const ticketBrokerRedemptionHaltedError = {"type":"error","name":"TicketBrokerRedemptionHalted","inputs":[]} as const

/** error `TicketBrokerReserveOvercommitted(address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerReserveOvercommittedError = {"type":"error","name":"TicketBrokerReserveOvercommitted","inputs":[{"name":"sender","type":"address"},{"name":"committed","type":"uint256"},{"name":"reserve","type":"uint256"}]} as const

/** error `TicketBrokerRoundNotInitialized(uint256)` of TicketBroker. */
export const ticketBrokerRoundNotInitializedError = {"type":"error","name":"TicketBrokerRoundNotInitialized","inputs":[{"name":"creationRound","type":"uint256"}]} as const

/** error `TicketBrokerSenderUnlocked(address,uint256)` of TicketBroker. */
export const ticketBrokerSenderUnlockedError = {"type":"error","name":"TicketBrokerSenderUnlocked","inputs":[{"name":"sender","type":"address"},{"name":"withdrawRound","type":"uint256"}]} as const

/** error `TicketBrokerStepTooLarge(uint256,uint256)` of TicketBroker. */
export const ticketBrokerStepTooLargeError = {"type":"error","name":"TicketBrokerStepTooLarge","inputs":[{"name":"from","type":"uint256"},{"name":"to","type":"uint256"}]} as const

/** error `TicketBrokerStillLocked(address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerStillLockedError = {"type":"error","name":"TicketBrokerStillLocked","inputs":[{"name":"sender","type":"address"},{"name":"withdrawRound","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `TicketBrokerTicketExpired(uint256,uint256,uint256)` of TicketBroker. */
export const ticketBrokerTicketExpiredError = {"type":"error","name":"TicketBrokerTicketExpired","inputs":[{"name":"creationRound","type":"uint256"},{"name":"validityPeriod","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `TicketBrokerTicketLost(bytes32,uint256,uint256)` of TicketBroker. */
export const ticketBrokerTicketLostError = {"type":"error","name":"TicketBrokerTicketLost","inputs":[{"name":"ticketHash","type":"bytes32"},{"name":"draw","type":"uint256"},{"name":"winProb","type":"uint256"}]} as const

/** error `TicketBrokerTicketSpent(bytes32,uint256)` of TicketBroker. */
export const ticketBrokerTicketSpentError = {"type":"error","name":"TicketBrokerTicketSpent","inputs":[{"name":"ticketHash","type":"bytes32"},{"name":"paid","type":"uint256"}]} as const

/** error `TicketBrokerTransferFailed(address,uint256)` of TicketBroker. */
export const ticketBrokerTransferFailedError = {"type":"error","name":"TicketBrokerTransferFailed","inputs":[{"name":"recipient","type":"address"},{"name":"amount","type":"uint256"}]} as const

/** error `TicketBrokerUnlockInProgress(address,uint256)` of TicketBroker. */
export const ticketBrokerUnlockInProgressError = {"type":"error","name":"TicketBrokerUnlockInProgress","inputs":[{"name":"sender","type":"address"},{"name":"withdrawRound","type":"uint256"}]} as const

/** error `TicketBrokerWrongBlockHash(uint256,bytes32,bytes32)` of TicketBroker. */
export const ticketBrokerWrongBlockHashError = {"type":"error","name":"TicketBrokerWrongBlockHash","inputs":[{"name":"creationRound","type":"uint256"},{"name":"given","type":"bytes32"},{"name":"expected","type":"bytes32"}]} as const

/** error `TicketBrokerWrongRecipientRand(uint256,bytes32)` of TicketBroker. */
export const ticketBrokerWrongRecipientRandError = {"type":"error","name":"TicketBrokerWrongRecipientRand","inputs":[{"name":"recipientRand","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"}]} as const

/** error `TicketBrokerWrongSigner(bytes32,address,address)` of TicketBroker. */
export const ticketBrokerWrongSignerError = {"type":"error","name":"TicketBrokerWrongSigner","inputs":[{"name":"ticketHash","type":"bytes32"},{"name":"signer","type":"address"},{"name":"sender","type":"address"}]} as const

/** error `TicketBrokerWrongValue(uint256,uint256)` of TicketBroker. */
export const ticketBrokerWrongValueError = {"type":"error","name":"TicketBrokerWrongValue","inputs":[{"name":"sent","type":"uint256"},{"name":"expected","type":"uint256"}]} as const

/** error `TicketBrokerZeroRecipient()` of TicketBroker. */
export const ticketBrokerZeroRecipientError = {"type":"error","name":"TicketBrokerZeroRecipient","inputs":[]} as const

/** error `TicketBrokerZeroSender()` of TicketBroker. */
export const ticketBrokerZeroSenderError = {"type":"error","name":"TicketBrokerZeroSender","inputs":[]} as const

/** error `UUPSUnauthorizedCallContext()` of TicketBroker. */
export const ticketBrokerUUPSUnauthorizedCallContextError = {"type":"error","name":"UUPSUnauthorizedCallContext","inputs":[]} as const

/** error `UUPSUnsupportedProxiableUUID(bytes32)` of TicketBroker. */
export const ticketBrokerUUPSUnsupportedProxiableUUIDError = {"type":"error","name":"UUPSUnsupportedProxiableUUID","inputs":[{"name":"slot","type":"bytes32"}]} as const

/** event `AuthorityUpdated(address)` of TicketBroker. */
export const ticketBrokerAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `DepositFunded(address,address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerDepositFundedEvent = {"type":"event","name":"DepositFunded","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"funder","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"deposit","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `EscrowBurned(address,bytes32,uint256,uint256,uint256)` of TicketBroker. */
export const ticketBrokerEscrowBurnedEvent = {"type":"event","name":"EscrowBurned","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"ticketHash","type":"bytes32","indexed":true},{"name":"shortfall","type":"uint256","indexed":false},{"name":"burned","type":"uint256","indexed":false},{"name":"escrow","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `EscrowFunded(address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerEscrowFundedEvent = {"type":"event","name":"EscrowFunded","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"escrow","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `GrantRegistered(address,bytes32,address,uint256,uint256,uint64)` of TicketBroker. */
export const ticketBrokerGrantRegisteredEvent = {"type":"event","name":"GrantRegistered","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"grantHash","type":"bytes32","indexed":true},{"name":"key","type":"address","indexed":true},{"name":"spendCap","type":"uint256","indexed":false},{"name":"escrowCap","type":"uint256","indexed":false},{"name":"validUntil","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `GrantRevoked(address,bytes32,address,uint256)` of TicketBroker. */
export const ticketBrokerGrantRevokedEvent = {"type":"event","name":"GrantRevoked","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"grantHash","type":"bytes32","indexed":true},{"name":"key","type":"address","indexed":true},{"name":"revocationRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Initialized(uint64)` of TicketBroker. */
export const ticketBrokerInitializedEvent = {"type":"event","name":"Initialized","inputs":[{"name":"version","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `ParametersChanged(uint256,uint256,uint256,uint256,uint32,uint32)` of TicketBroker. */
export const ticketBrokerParametersChangedEvent = {"type":"event","name":"ParametersChanged","inputs":[{"name":"oldTicketValidityPeriod","type":"uint256","indexed":false},{"name":"newTicketValidityPeriod","type":"uint256","indexed":false},{"name":"oldUnlockPeriod","type":"uint256","indexed":false},{"name":"newUnlockPeriod","type":"uint256","indexed":false},{"name":"oldEscrowBurnShare","type":"uint32","indexed":false},{"name":"newEscrowBurnShare","type":"uint32","indexed":false}],"anonymous":false} as const

/** event `Paused(address)` of TicketBroker. */
export const ticketBrokerPausedEvent = {"type":"event","name":"Paused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `PenaltyRewarded(address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerPenaltyRewardedEvent = {"type":"event","name":"PenaltyRewarded","inputs":[{"name":"executor","type":"address","indexed":true},{"name":"burned","type":"uint256","indexed":false},{"name":"reward","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `RedemptionHalted(uint256)` of TicketBroker. */
export const ticketBrokerRedemptionHaltedEvent = {"type":"event","name":"RedemptionHalted","inputs":[{"name":"round","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `RedemptionRefused(uint256,bytes)` of TicketBroker. */
export const ticketBrokerRedemptionRefusedEvent = {"type":"event","name":"RedemptionRefused","inputs":[{"name":"index","type":"uint256","indexed":true},{"name":"reason","type":"bytes","indexed":false}],"anonymous":false} as const

/** event `RedemptionResumed(uint256,uint256)` of TicketBroker. */
export const ticketBrokerRedemptionResumedEvent = {"type":"event","name":"RedemptionResumed","inputs":[{"name":"round","type":"uint256","indexed":false},{"name":"extension","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `ReserveClaimed(address,address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerReserveClaimedEvent = {"type":"event","name":"ReserveClaimed","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"reserve","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `ReserveDesignated(address,address,uint256,uint256,uint256)` of TicketBroker. */
export const ticketBrokerReserveDesignatedEvent = {"type":"event","name":"ReserveDesignated","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"oldAmount","type":"uint256","indexed":false},{"name":"newAmount","type":"uint256","indexed":false},{"name":"effectiveRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `ReserveFunded(address,address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerReserveFundedEvent = {"type":"event","name":"ReserveFunded","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"funder","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"reserve","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `UnlockCancelled(address,uint256)` of TicketBroker. */
export const ticketBrokerUnlockCancelledEvent = {"type":"event","name":"UnlockCancelled","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"oldWithdrawRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unlocked(address,uint256,uint256)` of TicketBroker. */
export const ticketBrokerUnlockedEvent = {"type":"event","name":"Unlocked","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"round","type":"uint256","indexed":false},{"name":"withdrawRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unpaused(address)` of TicketBroker. */
export const ticketBrokerUnpausedEvent = {"type":"event","name":"Unpaused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Upgraded(address)` of TicketBroker. */
export const ticketBrokerUpgradedEvent = {"type":"event","name":"Upgraded","inputs":[{"name":"implementation","type":"address","indexed":true}],"anonymous":false} as const

/** event `WinningTicketRedeemed(address,address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint32)` of TicketBroker. */
export const ticketBrokerWinningTicketRedeemedEvent = {"type":"event","name":"WinningTicketRedeemed","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"recipient","type":"address","indexed":true},{"name":"ticketHash","type":"bytes32","indexed":true},{"name":"grantHash","type":"bytes32","indexed":false},{"name":"faceValue","type":"uint256","indexed":false},{"name":"paid","type":"uint256","indexed":false},{"name":"winProb","type":"uint256","indexed":false},{"name":"nonce","type":"uint256","indexed":false},{"name":"recipientRand","type":"uint256","indexed":false},{"name":"feeShare","type":"uint32","indexed":false}],"anonymous":false} as const

/** event `Withdrawn(address,address,uint256,uint256,uint256)` of TicketBroker. */
export const ticketBrokerWithdrawnEvent = {"type":"event","name":"Withdrawn","inputs":[{"name":"sender","type":"address","indexed":true},{"name":"recipient","type":"address","indexed":true},{"name":"deposit","type":"uint256","indexed":false},{"name":"reserve","type":"uint256","indexed":false},{"name":"escrow","type":"uint256","indexed":false}],"anonymous":false} as const

/** function `BURN_ADDRESS()` of TicketBroker. */
export const ticketBrokerBURN_ADDRESSFunction = {"type":"function","name":"BURN_ADDRESS","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `EXECUTOR_SHARE()` of TicketBroker. */
export const ticketBrokerEXECUTOR_SHAREFunction = {"type":"function","name":"EXECUTOR_SHARE","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `PENALTY_GAS()` of TicketBroker. */
export const ticketBrokerPENALTY_GASFunction = {"type":"function","name":"PENALTY_GAS","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `UPGRADE_INTERFACE_VERSION()` of TicketBroker. */
export const ticketBrokerUPGRADE_INTERFACE_VERSIONFunction = {"type":"function","name":"UPGRADE_INTERFACE_VERSION","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `authority()` of TicketBroker. */
export const ticketBrokerAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `cancelUnlock()` of TicketBroker. */
export const ticketBrokerCancelUnlockFunction = {"type":"function","name":"cancelUnlock","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `claimableReserve(address,address)` of TicketBroker. */
export const ticketBrokerClaimableReserveFunction = {"type":"function","name":"claimableReserve","inputs":[{"name":"sender","type":"address"},{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `claimableReserveUntil(address,address,uint256)` of TicketBroker. */
export const ticketBrokerClaimableReserveUntilFunction = {"type":"function","name":"claimableReserveUntil","inputs":[{"name":"sender","type":"address"},{"name":"orchestrator","type":"address"},{"name":"lastRound","type":"uint256"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `committedReserve(address)` of TicketBroker. */
export const ticketBrokerCommittedReserveFunction = {"type":"function","name":"committedReserve","inputs":[{"name":"sender","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `designateReserve(address[],uint256[])` of TicketBroker. */
export const ticketBrokerDesignateReserveFunction = {"type":"function","name":"designateReserve","inputs":[{"name":"orchestrators","type":"address[]"},{"name":"amounts","type":"uint256[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `domainSeparator()` of TicketBroker. */
export const ticketBrokerDomainSeparatorFunction = {"type":"function","name":"domainSeparator","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `escrowBurnShare()` of TicketBroker. */
export const ticketBrokerEscrowBurnShareFunction = {"type":"function","name":"escrowBurnShare","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"} as const

/** function `fundDeposit()` of TicketBroker. */
export const ticketBrokerFundDepositFunction = {"type":"function","name":"fundDeposit","inputs":[],"outputs":[],"stateMutability":"payable"} as const

/** function `fundDepositAndReserve(uint256,uint256,uint256)` of TicketBroker. */
export const ticketBrokerFundDepositAndReserveFunction = {"type":"function","name":"fundDepositAndReserve","inputs":[{"name":"deposit","type":"uint256"},{"name":"reserve","type":"uint256"},{"name":"escrow","type":"uint256"}],"outputs":[],"stateMutability":"payable"} as const

/** function `fundDepositFor(address)` of TicketBroker. */
export const ticketBrokerFundDepositForFunction = {"type":"function","name":"fundDepositFor","inputs":[{"name":"sender","type":"address"}],"outputs":[],"stateMutability":"payable"} as const

/** function `fundEscrow()` of TicketBroker. */
export const ticketBrokerFundEscrowFunction = {"type":"function","name":"fundEscrow","inputs":[],"outputs":[],"stateMutability":"payable"} as const

/** function `fundReserve()` of TicketBroker. */
export const ticketBrokerFundReserveFunction = {"type":"function","name":"fundReserve","inputs":[],"outputs":[],"stateMutability":"payable"} as const

/** function `fundReserveFor(address)` of TicketBroker. */
export const ticketBrokerFundReserveForFunction = {"type":"function","name":"fundReserveFor","inputs":[{"name":"sender","type":"address"}],"outputs":[],"stateMutability":"payable"} as const

/** function `grantInfo(address,bytes32,address)` of TicketBroker. */
export const ticketBrokerGrantInfoFunction = {"type":"function","name":"grantInfo","inputs":[{"name":"sender","type":"address"},{"name":"grantHash","type":"bytes32"},{"name":"key","type":"address"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"validUntil","type":"uint64"},{"name":"spendCap","type":"uint128"},{"name":"spent","type":"uint128"},{"name":"escrowBurned","type":"uint128"},{"name":"revocationRound","type":"uint256"}]}],"stateMutability":"view"} as const

/** function `haltRedemption()` of TicketBroker. */
export const ticketBrokerHaltRedemptionFunction = {"type":"function","name":"haltRedemption","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `hashGrant((address,address,uint256,uint256,uint64,bytes32))` of TicketBroker. */
export const ticketBrokerHashGrantFunction = {"type":"function","name":"hashGrant","inputs":[{"name":"grant","type":"tuple","components":[{"name":"sender","type":"address"},{"name":"key","type":"address"},{"name":"spendCap","type":"uint256"},{"name":"escrowCap","type":"uint256"},{"name":"validUntil","type":"uint64"},{"name":"salt","type":"bytes32"}]}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `hashTicket((address,address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes32,uint32))` of TicketBroker. */
export const ticketBrokerHashTicketFunction = {"type":"function","name":"hashTicket","inputs":[{"name":"ticket","type":"tuple","components":[{"name":"recipient","type":"address"},{"name":"sender","type":"address"},{"name":"grant","type":"bytes32"},{"name":"faceValue","type":"uint256"},{"name":"winProb","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"},{"name":"creationRound","type":"uint256"},{"name":"creationRoundBlockHash","type":"bytes32"},{"name":"feeShare","type":"uint32"}]}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `initialize(address,uint256,uint256,uint32)` of TicketBroker. */
export const ticketBrokerInitializeFunction = {"type":"function","name":"initialize","inputs":[{"name":"authority","type":"address"},{"name":"ticketValidityPeriod_","type":"uint256"},{"name":"unlockPeriod_","type":"uint256"},{"name":"escrowBurnShare_","type":"uint32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `isConsumingScheduledOp()` of TicketBroker. */
export const ticketBrokerIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `pause()` of TicketBroker. */
export const ticketBrokerPauseFunction = {"type":"function","name":"pause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `paused()` of TicketBroker. */
export const ticketBrokerPausedFunction = {"type":"function","name":"paused","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `proxiableUUID()` of TicketBroker. */
export const ticketBrokerProxiableUUIDFunction = {"type":"function","name":"proxiableUUID","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `redeem(((address,address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes32,uint32),bytes,uint256),uint256)` of TicketBroker. */
export const ticketBrokerRedeemFunction = {"type":"function","name":"redeem","inputs":[{"name":"redemption","type":"tuple","components":[{"name":"ticket","type":"tuple","components":[{"name":"recipient","type":"address"},{"name":"sender","type":"address"},{"name":"grant","type":"bytes32"},{"name":"faceValue","type":"uint256"},{"name":"winProb","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"},{"name":"creationRound","type":"uint256"},{"name":"creationRoundBlockHash","type":"bytes32"},{"name":"feeShare","type":"uint32"}]},{"name":"signature","type":"bytes"},{"name":"recipientRand","type":"uint256"}]},{"name":"minPayout","type":"uint256"}],"outputs":[{"name":"paid","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `redeemAndPunish(((address,address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes32,uint32),bytes,uint256)[],((address,address,uint256,uint256,uint64,bytes32),bytes)[])` of TicketBroker. */
export const ticketBrokerRedeemAndPunishFunction = {"type":"function","name":"redeemAndPunish","inputs":[{"name":"redemptions","type":"tuple[]","components":[{"name":"ticket","type":"tuple","components":[{"name":"recipient","type":"address"},{"name":"sender","type":"address"},{"name":"grant","type":"bytes32"},{"name":"faceValue","type":"uint256"},{"name":"winProb","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"},{"name":"creationRound","type":"uint256"},{"name":"creationRoundBlockHash","type":"bytes32"},{"name":"feeShare","type":"uint32"}]},{"name":"signature","type":"bytes"},{"name":"recipientRand","type":"uint256"}]},{"name":"grants","type":"tuple[]","components":[{"name":"grant","type":"tuple","components":[{"name":"sender","type":"address"},{"name":"key","type":"address"},{"name":"spendCap","type":"uint256"},{"name":"escrowCap","type":"uint256"},{"name":"validUntil","type":"uint64"},{"name":"salt","type":"bytes32"}]},{"name":"signature","type":"bytes"}]}],"outputs":[{"name":"paid","type":"uint256[]"},{"name":"reward","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `redeemBatch(((address,address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes32,uint32),bytes,uint256)[],uint256[],((address,address,uint256,uint256,uint64,bytes32),bytes)[])` of TicketBroker. */
export const ticketBrokerRedeemBatchFunction = {"type":"function","name":"redeemBatch","inputs":[{"name":"redemptions","type":"tuple[]","components":[{"name":"ticket","type":"tuple","components":[{"name":"recipient","type":"address"},{"name":"sender","type":"address"},{"name":"grant","type":"bytes32"},{"name":"faceValue","type":"uint256"},{"name":"winProb","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"},{"name":"creationRound","type":"uint256"},{"name":"creationRoundBlockHash","type":"bytes32"},{"name":"feeShare","type":"uint32"}]},{"name":"signature","type":"bytes"},{"name":"recipientRand","type":"uint256"}]},{"name":"minPayouts","type":"uint256[]"},{"name":"grants","type":"tuple[]","components":[{"name":"grant","type":"tuple","components":[{"name":"sender","type":"address"},{"name":"key","type":"address"},{"name":"spendCap","type":"uint256"},{"name":"escrowCap","type":"uint256"},{"name":"validUntil","type":"uint64"},{"name":"salt","type":"bytes32"}]},{"name":"signature","type":"bytes"}]}],"outputs":[{"name":"paid","type":"uint256[]"}],"stateMutability":"nonpayable"} as const

/** function `redeemWithGrant(((address,address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes32,uint32),bytes,uint256),uint256,((address,address,uint256,uint256,uint64,bytes32),bytes))` of TicketBroker. */
export const ticketBrokerRedeemWithGrantFunction = {"type":"function","name":"redeemWithGrant","inputs":[{"name":"redemption","type":"tuple","components":[{"name":"ticket","type":"tuple","components":[{"name":"recipient","type":"address"},{"name":"sender","type":"address"},{"name":"grant","type":"bytes32"},{"name":"faceValue","type":"uint256"},{"name":"winProb","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"},{"name":"creationRound","type":"uint256"},{"name":"creationRoundBlockHash","type":"bytes32"},{"name":"feeShare","type":"uint32"}]},{"name":"signature","type":"bytes"},{"name":"recipientRand","type":"uint256"}]},{"name":"minPayout","type":"uint256"},{"name":"grant","type":"tuple","components":[{"name":"grant","type":"tuple","components":[{"name":"sender","type":"address"},{"name":"key","type":"address"},{"name":"spendCap","type":"uint256"},{"name":"escrowCap","type":"uint256"},{"name":"validUntil","type":"uint64"},{"name":"salt","type":"bytes32"}]},{"name":"signature","type":"bytes"}]}],"outputs":[{"name":"paid","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `redemptionHalted()` of TicketBroker. */
export const ticketBrokerRedemptionHaltedFunction = {"type":"function","name":"redemptionHalted","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `registerGrant(((address,address,uint256,uint256,uint64,bytes32),bytes))` of TicketBroker. */
export const ticketBrokerRegisterGrantFunction = {"type":"function","name":"registerGrant","inputs":[{"name":"grant","type":"tuple","components":[{"name":"grant","type":"tuple","components":[{"name":"sender","type":"address"},{"name":"key","type":"address"},{"name":"spendCap","type":"uint256"},{"name":"escrowCap","type":"uint256"},{"name":"validUntil","type":"uint64"},{"name":"salt","type":"bytes32"}]},{"name":"signature","type":"bytes"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `resumeRedemption()` of TicketBroker. */
export const ticketBrokerResumeRedemptionFunction = {"type":"function","name":"resumeRedemption","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `revokeGrant((address,address,uint256,uint256,uint64,bytes32))` of TicketBroker. */
export const ticketBrokerRevokeGrantFunction = {"type":"function","name":"revokeGrant","inputs":[{"name":"grant","type":"tuple","components":[{"name":"sender","type":"address"},{"name":"key","type":"address"},{"name":"spendCap","type":"uint256"},{"name":"escrowCap","type":"uint256"},{"name":"validUntil","type":"uint64"},{"name":"salt","type":"bytes32"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `senderInfo(address)` of TicketBroker. */
export const ticketBrokerSenderInfoFunction = {"type":"function","name":"senderInfo","inputs":[{"name":"sender","type":"address"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"deposit","type":"uint256"},{"name":"reserve","type":"uint256"},{"name":"escrow","type":"uint256"},{"name":"withdrawRound","type":"uint256"}]}],"stateMutability":"view"} as const

/** function `senderStanding(address,address,bytes32,address)` of TicketBroker. */
export const ticketBrokerSenderStandingFunction = {"type":"function","name":"senderStanding","inputs":[{"name":"sender","type":"address"},{"name":"orchestrator","type":"address"},{"name":"grantHash","type":"bytes32"},{"name":"key","type":"address"}],"outputs":[{"name":"standing","type":"tuple","components":[{"name":"info","type":"tuple","components":[{"name":"deposit","type":"uint256"},{"name":"reserve","type":"uint256"},{"name":"escrow","type":"uint256"},{"name":"withdrawRound","type":"uint256"}]},{"name":"claimableReserve","type":"uint256"},{"name":"lastingReserve","type":"uint256"},{"name":"committedReserve","type":"uint256"},{"name":"grant","type":"tuple","components":[{"name":"validUntil","type":"uint64"},{"name":"spendCap","type":"uint128"},{"name":"spent","type":"uint128"},{"name":"escrowBurned","type":"uint128"},{"name":"revocationRound","type":"uint256"}]},{"name":"currentRound","type":"uint256"},{"name":"lastInitializedRound","type":"uint256"},{"name":"lastInitializedBlockHash","type":"bytes32"},{"name":"ticketValidityPeriod","type":"uint256"}]}],"stateMutability":"view"} as const

/** function `setAuthority(address)` of TicketBroker. */
export const ticketBrokerSetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setParameters(uint256,uint256,uint32)` of TicketBroker. */
export const ticketBrokerSetParametersFunction = {"type":"function","name":"setParameters","inputs":[{"name":"newTicketValidityPeriod","type":"uint256"},{"name":"newUnlockPeriod","type":"uint256"},{"name":"newEscrowBurnShare","type":"uint32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `ticketPaid((address,address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes32,uint32),bytes)` of TicketBroker. */
export const ticketBrokerTicketPaidFunction = {"type":"function","name":"ticketPaid","inputs":[{"name":"ticket","type":"tuple","components":[{"name":"recipient","type":"address"},{"name":"sender","type":"address"},{"name":"grant","type":"bytes32"},{"name":"faceValue","type":"uint256"},{"name":"winProb","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"recipientRandHash","type":"bytes32"},{"name":"creationRound","type":"uint256"},{"name":"creationRoundBlockHash","type":"bytes32"},{"name":"feeShare","type":"uint32"}]},{"name":"signature","type":"bytes"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `ticketValidityPeriod()` of TicketBroker. */
export const ticketBrokerTicketValidityPeriodFunction = {"type":"function","name":"ticketValidityPeriod","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `unlock()` of TicketBroker. */
export const ticketBrokerUnlockFunction = {"type":"function","name":"unlock","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `unlockPeriod()` of TicketBroker. */
export const ticketBrokerUnlockPeriodFunction = {"type":"function","name":"unlockPeriod","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `unpause()` of TicketBroker. */
export const ticketBrokerUnpauseFunction = {"type":"function","name":"unpause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `upgradeToAndCall(address,bytes)` of TicketBroker. */
export const ticketBrokerUpgradeToAndCallFunction = {"type":"function","name":"upgradeToAndCall","inputs":[{"name":"newImplementation","type":"address"},{"name":"data","type":"bytes"}],"outputs":[],"stateMutability":"payable"} as const

/** function `withdraw()` of TicketBroker. */
export const ticketBrokerWithdrawFunction = {"type":"function","name":"withdraw","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `withdrawTo(address,uint256,uint256,uint256)` of TicketBroker. */
export const ticketBrokerWithdrawToFunction = {"type":"function","name":"withdrawTo","inputs":[{"name":"recipient","type":"address"},{"name":"deposit","type":"uint256"},{"name":"reserve","type":"uint256"},{"name":"escrow","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** Every error that a call to TicketBroker may revert with by itself. */
export const ticketBrokerErrors = [ticketBrokerAccessManagedInvalidAuthorityError, ticketBrokerAccessManagedRequiredDelayError, ticketBrokerAccessManagedUnauthorizedError, ticketBrokerAddressEmptyCodeError, ticketBrokerERC1967InvalidImplementationError, ticketBrokerERC1967NonPayableError, ticketBrokerEnforcedPauseError, ticketBrokerExpectedPauseError, ticketBrokerFailedCallError, ticketBrokerInvalidInitializationError, ticketBrokerNotInitializingError, ticketBrokerChangedInRoundError, ticketBrokerGrantEndedError, ticketBrokerGrantExpiredError, ticketBrokerGrantRevokedError, ticketBrokerGrantUnknownError, ticketBrokerHaltUnchangedError, ticketBrokerInsufficientFundsError, ticketBrokerInvalidFeeShareError, ticketBrokerInvalidGrantError, ticketBrokerInvalidParametersError, ticketBrokerLengthMismatchError, ticketBrokerMalformedSignatureError, ticketBrokerNoFundsError, ticketBrokerNotRecipientError, ticketBrokerNotUnlockingError, ticketBrokerPayoutTooLowError, ticketBrokerRedemptionHaltedError, ticketBrokerReserveOvercommittedError, ticketBrokerRoundNotInitializedError, ticketBrokerSenderUnlockedError, ticketBrokerStepTooLargeError, ticketBrokerStillLockedError, ticketBrokerTicketExpiredError, ticketBrokerTicketLostError, ticketBrokerTicketSpentError, ticketBrokerTransferFailedError, ticketBrokerUnlockInProgressError, ticketBrokerWrongBlockHashError, ticketBrokerWrongRecipientRandError, ticketBrokerWrongSignerError, ticketBrokerWrongValueError, ticketBrokerZeroRecipientError, ticketBrokerZeroSenderError, ticketBrokerUUPSUnauthorizedCallContextError, ticketBrokerUUPSUnsupportedProxiableUUIDError] as const

/** Every event of TicketBroker. */
export const ticketBrokerEvents = [ticketBrokerAuthorityUpdatedEvent, ticketBrokerDepositFundedEvent, ticketBrokerEscrowBurnedEvent, ticketBrokerEscrowFundedEvent, ticketBrokerGrantRegisteredEvent, ticketBrokerGrantRevokedEvent, ticketBrokerInitializedEvent, ticketBrokerParametersChangedEvent, ticketBrokerPausedEvent, ticketBrokerPenaltyRewardedEvent, ticketBrokerRedemptionHaltedEvent, ticketBrokerRedemptionRefusedEvent, ticketBrokerRedemptionResumedEvent, ticketBrokerReserveClaimedEvent, ticketBrokerReserveDesignatedEvent, ticketBrokerReserveFundedEvent, ticketBrokerUnlockCancelledEvent, ticketBrokerUnlockedEvent, ticketBrokerUnpausedEvent, ticketBrokerUpgradedEvent, ticketBrokerWinningTicketRedeemedEvent, ticketBrokerWithdrawnEvent] as const

/** The whole ABI of TicketBroker; prefer single fragments in code that a browser loads. */
export const ticketBrokerAbi = [ticketBrokerBURN_ADDRESSFunction, ticketBrokerEXECUTOR_SHAREFunction, ticketBrokerPENALTY_GASFunction, ticketBrokerUPGRADE_INTERFACE_VERSIONFunction, ticketBrokerAuthorityFunction, ticketBrokerCancelUnlockFunction, ticketBrokerClaimableReserveFunction, ticketBrokerClaimableReserveUntilFunction, ticketBrokerCommittedReserveFunction, ticketBrokerDesignateReserveFunction, ticketBrokerDomainSeparatorFunction, ticketBrokerEscrowBurnShareFunction, ticketBrokerFundDepositFunction, ticketBrokerFundDepositAndReserveFunction, ticketBrokerFundDepositForFunction, ticketBrokerFundEscrowFunction, ticketBrokerFundReserveFunction, ticketBrokerFundReserveForFunction, ticketBrokerGrantInfoFunction, ticketBrokerHaltRedemptionFunction, ticketBrokerHashGrantFunction, ticketBrokerHashTicketFunction, ticketBrokerInitializeFunction, ticketBrokerIsConsumingScheduledOpFunction, ticketBrokerPauseFunction, ticketBrokerPausedFunction, ticketBrokerProxiableUUIDFunction, ticketBrokerRedeemFunction, ticketBrokerRedeemAndPunishFunction, ticketBrokerRedeemBatchFunction, ticketBrokerRedeemWithGrantFunction, ticketBrokerRedemptionHaltedFunction, ticketBrokerRegisterGrantFunction, ticketBrokerResumeRedemptionFunction, ticketBrokerRevokeGrantFunction, ticketBrokerSenderInfoFunction, ticketBrokerSenderStandingFunction, ticketBrokerSetAuthorityFunction, ticketBrokerSetParametersFunction, ticketBrokerTicketPaidFunction, ticketBrokerTicketValidityPeriodFunction, ticketBrokerUnlockFunction, ticketBrokerUnlockPeriodFunction, ticketBrokerUnpauseFunction, ticketBrokerUpgradeToAndCallFunction, ticketBrokerWithdrawFunction, ticketBrokerWithdrawToFunction, ticketBrokerAuthorityUpdatedEvent, ticketBrokerDepositFundedEvent, ticketBrokerEscrowBurnedEvent, ticketBrokerEscrowFundedEvent, ticketBrokerGrantRegisteredEvent, ticketBrokerGrantRevokedEvent, ticketBrokerInitializedEvent, ticketBrokerParametersChangedEvent, ticketBrokerPausedEvent, ticketBrokerPenaltyRewardedEvent, ticketBrokerRedemptionHaltedEvent, ticketBrokerRedemptionRefusedEvent, ticketBrokerRedemptionResumedEvent, ticketBrokerReserveClaimedEvent, ticketBrokerReserveDesignatedEvent, ticketBrokerReserveFundedEvent, ticketBrokerUnlockCancelledEvent, ticketBrokerUnlockedEvent, ticketBrokerUnpausedEvent, ticketBrokerUpgradedEvent, ticketBrokerWinningTicketRedeemedEvent, ticketBrokerWithdrawnEvent, ticketBrokerAccessManagedInvalidAuthorityError, ticketBrokerAccessManagedRequiredDelayError, ticketBrokerAccessManagedUnauthorizedError, ticketBrokerAddressEmptyCodeError, ticketBrokerERC1967InvalidImplementationError, ticketBrokerERC1967NonPayableError, ticketBrokerEnforcedPauseError, ticketBrokerExpectedPauseError, ticketBrokerFailedCallError, ticketBrokerInvalidInitializationError, ticketBrokerNotInitializingError, ticketBrokerChangedInRoundError, ticketBrokerGrantEndedError, ticketBrokerGrantExpiredError, ticketBrokerGrantRevokedError, ticketBrokerGrantUnknownError, ticketBrokerHaltUnchangedError, ticketBrokerInsufficientFundsError, ticketBrokerInvalidFeeShareError, ticketBrokerInvalidGrantError, ticketBrokerInvalidParametersError, ticketBrokerLengthMismatchError, ticketBrokerMalformedSignatureError, ticketBrokerNoFundsError, ticketBrokerNotRecipientError, ticketBrokerNotUnlockingError, ticketBrokerPayoutTooLowError, ticketBrokerRedemptionHaltedError, ticketBrokerReserveOvercommittedError, ticketBrokerRoundNotInitializedError, ticketBrokerSenderUnlockedError, ticketBrokerStepTooLargeError, ticketBrokerStillLockedError, ticketBrokerTicketExpiredError, ticketBrokerTicketLostError, ticketBrokerTicketSpentError, ticketBrokerTransferFailedError, ticketBrokerUnlockInProgressError, ticketBrokerWrongBlockHashError, ticketBrokerWrongRecipientRandError, ticketBrokerWrongSignerError, ticketBrokerWrongValueError, ticketBrokerZeroRecipientError, ticketBrokerZeroSenderError, ticketBrokerUUPSUnauthorizedCallContextError, ticketBrokerUUPSUnsupportedProxiableUUIDError] as const
