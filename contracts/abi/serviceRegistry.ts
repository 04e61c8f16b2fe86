// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of ServiceRegistry. */
export const serviceRegistryAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of ServiceRegistry. */
export const serviceRegistryAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of ServiceRegistry. */
export const serviceRegistryAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AddressEmptyCode(address)` of ServiceRegistry. */
export const serviceRegistryAddressEmptyCodeError = {"type":"error","name":"AddressEmptyCode","inputs":[{"name":"target","type":"address"}]} as const

/** error `CheckpointUnorderedInsertion()` of ServiceRegistry. */
export const serviceRegistryCheckpointUnorderedInsertionError = {"type":"error","name":"CheckpointUnorderedInsertion","inputs":[]} as const

/** error `ERC1967InvalidImplementation(address)` of ServiceRegistry. */
export const serviceRegistryERC1967InvalidImplementationError = {"type":"error","name":"ERC1967InvalidImplementation","inputs":[{"name":"implementation","type":"address"}]} as const

/** error `ERC1967NonPayable()` of ServiceRegistry. */
export const serviceRegistryERC1967NonPayableError = {"type":"error","name":"ERC1967NonPayable","inputs":[]} as const

/** error `EnforcedPause()` of ServiceRegistry. */
export const serviceRegistryEnforcedPauseError = {"type":"error","name":"EnforcedPause","inputs":[]} as const

/** error `ExpectedPause()` of ServiceRegistry. */
export const serviceRegistryExpectedPauseError = {"type":"error","name":"ExpectedPause","inputs":[]} as const

/** error `FailedCall()` of ServiceRegistry. */
export const serviceRegistryFailedCallError = {"type":"error","name":"FailedCall","inputs":[]} as const

/** error `InvalidInitialization()` of ServiceRegistry. */
export const serviceRegistryInvalidInitializationError = {"type":"error","name":"InvalidInitialization","inputs":[]} as const

/** error `NotInitializing()` of ServiceRegistry. */
export const serviceRegistryNotInitializingError = {"type":"error","name":"NotInitializing","inputs":[]} as const

/** error `ServiceRegistryInvalidItem(bytes32)` of ServiceRegistry. */
export const serviceRegistryInvalidItemError = {"type":"error","name":"ServiceRegistryInvalidItem","inputs":[{"name":"item","type":"bytes32"}]} as const

/** error `ServiceRegistryInvalidJudgement(bytes32)` of ServiceRegistry. */
export const serviceRegistryInvalidJudgementError = {"type":"error","name":"ServiceRegistryInvalidJudgement","inputs":[{"name":"serviceId","type":"bytes32"}]} as const

/** error `ServiceRegistryInvalidUri(uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryInvalidUriError = {"type":"error","name":"ServiceRegistryInvalidUri","inputs":[{"name":"length","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `ServiceRegistryNotRegistered(address)` of ServiceRegistry. */
export const serviceRegistryNotRegisteredError = {"type":"error","name":"ServiceRegistryNotRegistered","inputs":[{"name":"orchestrator","type":"address"}]} as const

/** error `ServiceRegistrySignerUsed(address,address)` of ServiceRegistry. */
export const serviceRegistrySignerUsedError = {"type":"error","name":"ServiceRegistrySignerUsed","inputs":[{"name":"orchestrator","type":"address"},{"name":"signer","type":"address"}]} as const

/** error `ServiceRegistryStakeSufficient(address,uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryStakeSufficientError = {"type":"error","name":"ServiceRegistryStakeSufficient","inputs":[{"name":"orchestrator","type":"address"},{"name":"stake","type":"uint256"},{"name":"minimumStake","type":"uint256"}]} as const

/** error `ServiceRegistryStakeTooLow(address,uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryStakeTooLowError = {"type":"error","name":"ServiceRegistryStakeTooLow","inputs":[{"name":"orchestrator","type":"address"},{"name":"stake","type":"uint256"},{"name":"minimumStake","type":"uint256"}]} as const

/** error `ServiceRegistryTooMany(uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryTooManyError = {"type":"error","name":"ServiceRegistryTooMany","inputs":[{"name":"given","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `UUPSUnauthorizedCallContext()` of ServiceRegistry. */
export const serviceRegistryUUPSUnauthorizedCallContextError = {"type":"error","name":"UUPSUnauthorizedCallContext","inputs":[]} as const

/** error `UUPSUnsupportedProxiableUUID(bytes32)` of ServiceRegistry. */
export const serviceRegistryUUPSUnsupportedProxiableUUIDError = {"type":"error","name":"UUPSUnsupportedProxiableUUID","inputs":[{"name":"slot","type":"bytes32"}]} as const

/** event `AuthorityUpdated(address)` of ServiceRegistry. */
export const serviceRegistryAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `Initialized(uint64)` of ServiceRegistry. */
export const serviceRegistryInitializedEvent = {"type":"event","name":"Initialized","inputs":[{"name":"version","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `JudgementChanged(bytes32,(address,uint32,uint32),(address,uint32,uint32),uint256)` of ServiceRegistry. */
export const serviceRegistryJudgementChangedEvent = {"type":"event","name":"JudgementChanged","inputs":[{"name":"serviceId","type":"bytes32","indexed":true},{"name":"oldJudgement","type":"tuple","indexed":false,"components":[{"name":"verifier","type":"address"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]},{"name":"newJudgement","type":"tuple","indexed":false,"components":[{"name":"verifier","type":"address"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]},{"name":"effectiveRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Paused(address)` of ServiceRegistry. */
export const serviceRegistryPausedEvent = {"type":"event","name":"Paused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `RegionListed(bytes32,uint256)` of ServiceRegistry. */
export const serviceRegistryRegionListedEvent = {"type":"event","name":"RegionListed","inputs":[{"name":"region","type":"bytes32","indexed":true},{"name":"bit","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `RegionsChanged(address,bytes32[],bytes32[])` of ServiceRegistry. */
export const serviceRegistryRegionsChangedEvent = {"type":"event","name":"RegionsChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldRegions","type":"bytes32[]","indexed":false},{"name":"newRegions","type":"bytes32[]","indexed":false}],"anonymous":false} as const

/** event `Registered(address)` of ServiceRegistry. */
export const serviceRegistryRegisteredEvent = {"type":"event","name":"Registered","inputs":[{"name":"orchestrator","type":"address","indexed":true}],"anonymous":false} as const

/** event `ServiceDescribed(bytes32,string)` of ServiceRegistry. */
export const serviceRegistryServiceDescribedEvent = {"type":"event","name":"ServiceDescribed","inputs":[{"name":"serviceId","type":"bytes32","indexed":true},{"name":"description","type":"string","indexed":false}],"anonymous":false} as const

/** event `ServiceListed(bytes32,uint256)` of ServiceRegistry. */
export const serviceRegistryServiceListedEvent = {"type":"event","name":"ServiceListed","inputs":[{"name":"serviceId","type":"bytes32","indexed":true},{"name":"bit","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `ServiceURIChanged(address,string,string)` of ServiceRegistry. */
export const serviceRegistryServiceURIChangedEvent = {"type":"event","name":"ServiceURIChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldUri","type":"string","indexed":false},{"name":"newUri","type":"string","indexed":false}],"anonymous":false} as const

/** event `ServicesChanged(address,bytes32[],bytes32[])` of ServiceRegistry. */
export const serviceRegistryServicesChangedEvent = {"type":"event","name":"ServicesChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldServices","type":"bytes32[]","indexed":false},{"name":"newServices","type":"bytes32[]","indexed":false}],"anonymous":false} as const

/** event `SignerChanged(address,address,address,uint256)` of ServiceRegistry. */
export const serviceRegistrySignerChangedEvent = {"type":"event","name":"SignerChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldSigner","type":"address","indexed":false},{"name":"newSigner","type":"address","indexed":false},{"name":"round","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unpaused(address)` of ServiceRegistry. */
export const serviceRegistryUnpausedEvent = {"type":"event","name":"Unpaused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Unregistered(address,address)` of ServiceRegistry. */
export const serviceRegistryUnregisteredEvent = {"type":"event","name":"Unregistered","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"caller","type":"address","indexed":true}],"anonymous":false} as const

/** event `Upgraded(address)` of ServiceRegistry. */
export const serviceRegistryUpgradedEvent = {"type":"event","name":"Upgraded","inputs":[{"name":"implementation","type":"address","indexed":true}],"anonymous":false} as const

/** function `MAXIMUM_LISTED_REGIONS()` of ServiceRegistry. */
export const serviceRegistryMAXIMUM_LISTED_REGIONSFunction = {"type":"function","name":"MAXIMUM_LISTED_REGIONS","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `MAXIMUM_LISTED_SERVICES()` of ServiceRegistry. */
export const serviceRegistryMAXIMUM_LISTED_SERVICESFunction = {"type":"function","name":"MAXIMUM_LISTED_SERVICES","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `MAXIMUM_REGIONS()` of ServiceRegistry. */
export const serviceRegistryMAXIMUM_REGIONSFunction = {"type":"function","name":"MAXIMUM_REGIONS","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `MAXIMUM_SERVICES()` of ServiceRegistry. */
export const serviceRegistryMAXIMUM_SERVICESFunction = {"type":"function","name":"MAXIMUM_SERVICES","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `MAXIMUM_URI_LENGTH()` of ServiceRegistry. */
export const serviceRegistryMAXIMUM_URI_LENGTHFunction = {"type":"function","name":"MAXIMUM_URI_LENGTH","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `UPGRADE_INTERFACE_VERSION()` of ServiceRegistry. */
export const serviceRegistryUPGRADE_INTERFACE_VERSIONFunction = {"type":"function","name":"UPGRADE_INTERFACE_VERSION","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `authority()` of ServiceRegistry. */
export const serviceRegistryAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `count()` of ServiceRegistry. */
export const serviceRegistryCountFunction = {"type":"function","name":"count","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `describeService(string)` of ServiceRegistry. */
export const serviceRegistryDescribeServiceFunction = {"type":"function","name":"describeService","inputs":[{"name":"description","type":"string"}],"outputs":[{"name":"serviceId","type":"bytes32"}],"stateMutability":"nonpayable"} as const

/** function `entries(uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryEntriesFunction = {"type":"function","name":"entries","inputs":[{"name":"cursor","type":"uint256"},{"name":"limit","type":"uint256"}],"outputs":[{"name":"page","type":"tuple[]","components":[{"name":"orchestrator","type":"address"},{"name":"signer","type":"address"},{"name":"version","type":"uint32"},{"name":"uri","type":"string"},{"name":"services","type":"bytes32[]"},{"name":"regions","type":"bytes32[]"},{"name":"stake","type":"uint256"},{"name":"active","type":"bool"},{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}]},{"name":"nextCursor","type":"uint256"}],"stateMutability":"view"} as const

/** function `entriesOf(address[])` of ServiceRegistry. */
export const serviceRegistryEntriesOfFunction = {"type":"function","name":"entriesOf","inputs":[{"name":"orchestrators","type":"address[]"}],"outputs":[{"name":"found","type":"tuple[]","components":[{"name":"orchestrator","type":"address"},{"name":"signer","type":"address"},{"name":"version","type":"uint32"},{"name":"uri","type":"string"},{"name":"services","type":"bytes32[]"},{"name":"regions","type":"bytes32[]"},{"name":"stake","type":"uint256"},{"name":"active","type":"bool"},{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}]}],"stateMutability":"view"} as const

/** function `entry(address)` of ServiceRegistry. */
export const serviceRegistryEntryFunction = {"type":"function","name":"entry","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"signer","type":"address"},{"name":"version","type":"uint32"},{"name":"uri","type":"string"},{"name":"services","type":"bytes32[]"},{"name":"regions","type":"bytes32[]"},{"name":"stake","type":"uint256"},{"name":"active","type":"bool"},{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}]}],"stateMutability":"view"} as const

/** function `initialize(address)` of ServiceRegistry. */
export const serviceRegistryInitializeFunction = {"type":"function","name":"initialize","inputs":[{"name":"authority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `isConsumingScheduledOp()` of ServiceRegistry. */
export const serviceRegistryIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `isSignerAt(address,address,uint256)` of ServiceRegistry. */
export const serviceRegistryIsSignerAtFunction = {"type":"function","name":"isSignerAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"account","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `judgementAt(bytes32,uint256)` of ServiceRegistry. */
export const serviceRegistryJudgementAtFunction = {"type":"function","name":"judgementAt","inputs":[{"name":"serviceId","type":"bytes32"},{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"verifier","type":"address"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]}],"stateMutability":"view"} as const

/** function `list(bytes32[],bytes32[])` of ServiceRegistry. */
export const serviceRegistryListFunction = {"type":"function","name":"list","inputs":[{"name":"services","type":"bytes32[]"},{"name":"regions","type":"bytes32[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `listed()` of ServiceRegistry. */
export const serviceRegistryListedFunction = {"type":"function","name":"listed","inputs":[],"outputs":[{"name":"services","type":"bytes32[]"},{"name":"regions","type":"bytes32[]"}],"stateMutability":"view"} as const

/** function `pause()` of ServiceRegistry. */
export const serviceRegistryPauseFunction = {"type":"function","name":"pause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `paused()` of ServiceRegistry. */
export const serviceRegistryPausedFunction = {"type":"function","name":"paused","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `proxiableUUID()` of ServiceRegistry. */
export const serviceRegistryProxiableUUIDFunction = {"type":"function","name":"proxiableUUID","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `prune(address)` of ServiceRegistry. */
export const serviceRegistryPruneFunction = {"type":"function","name":"prune","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `refresh(address)` of ServiceRegistry. */
export const serviceRegistryRefreshFunction = {"type":"function","name":"refresh","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `regionBit(bytes32)` of ServiceRegistry. */
export const serviceRegistryRegionBitFunction = {"type":"function","name":"regionBit","inputs":[{"name":"region","type":"bytes32"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `register(string,bytes32[],bytes32[])` of ServiceRegistry. */
export const serviceRegistryRegisterFunction = {"type":"function","name":"register","inputs":[{"name":"uri","type":"string"},{"name":"services","type":"bytes32[]"},{"name":"regions","type":"bytes32[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `rows(uint256,uint256,(uint128,uint96,uint256))` of ServiceRegistry. */
export const serviceRegistryRowsFunction = {"type":"function","name":"rows","inputs":[{"name":"cursor","type":"uint256"},{"name":"limit","type":"uint256"},{"name":"filter","type":"tuple","components":[{"name":"services","type":"uint128"},{"name":"regions","type":"uint96"},{"name":"activeStake","type":"uint256"}]}],"outputs":[{"name":"found","type":"tuple[]","components":[{"name":"orchestrator","type":"address"},{"name":"signer","type":"address"},{"name":"version","type":"uint32"},{"name":"services","type":"uint128"},{"name":"regions","type":"uint96"},{"name":"activeStake","type":"uint256"}]},{"name":"nextCursor","type":"uint256"}],"stateMutability":"view"} as const

/** function `serviceBit(bytes32)` of ServiceRegistry. */
export const serviceRegistryServiceBitFunction = {"type":"function","name":"serviceBit","inputs":[{"name":"serviceId","type":"bytes32"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `setAuthority(address)` of ServiceRegistry. */
export const serviceRegistrySetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setJudgement(bytes32,(address,uint32,uint32))` of ServiceRegistry. */
export const serviceRegistrySetJudgementFunction = {"type":"function","name":"setJudgement","inputs":[{"name":"serviceId","type":"bytes32"},{"name":"judgement","type":"tuple","components":[{"name":"verifier","type":"address"},{"name":"slashRate","type":"uint32"},{"name":"bountyRate","type":"uint32"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setRegions(bytes32[])` of ServiceRegistry. */
export const serviceRegistrySetRegionsFunction = {"type":"function","name":"setRegions","inputs":[{"name":"regions","type":"bytes32[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setServiceURI(string)` of ServiceRegistry. */
export const serviceRegistrySetServiceURIFunction = {"type":"function","name":"setServiceURI","inputs":[{"name":"uri","type":"string"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setServices(bytes32[])` of ServiceRegistry. */
export const serviceRegistrySetServicesFunction = {"type":"function","name":"setServices","inputs":[{"name":"services","type":"bytes32[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setSigner(address)` of ServiceRegistry. */
export const serviceRegistrySetSignerFunction = {"type":"function","name":"setSigner","inputs":[{"name":"signer","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `signerOf(address)` of ServiceRegistry. */
export const serviceRegistrySignerOfFunction = {"type":"function","name":"signerOf","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `unpause()` of ServiceRegistry. */
export const serviceRegistryUnpauseFunction = {"type":"function","name":"unpause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `unregister()` of ServiceRegistry. */
export const serviceRegistryUnregisterFunction = {"type":"function","name":"unregister","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `upgradeToAndCall(address,bytes)` of ServiceRegistry. */
export const serviceRegistryUpgradeToAndCallFunction = {"type":"function","name":"upgradeToAndCall","inputs":[{"name":"newImplementation","type":"address"},{"name":"data","type":"bytes"}],"outputs":[],"stateMutability":"payable"} as const

/** Every error that a call to ServiceRegistry may revert with by itself. */
export const serviceRegistryErrors = [serviceRegistryAccessManagedInvalidAuthorityError, serviceRegistryAccessManagedRequiredDelayError, serviceRegistryAccessManagedUnauthorizedError, serviceRegistryAddressEmptyCodeError, serviceRegistryCheckpointUnorderedInsertionError, serviceRegistryERC1967InvalidImplementationError, serviceRegistryERC1967NonPayableError, serviceRegistryEnforcedPauseError, serviceRegistryExpectedPauseError, serviceRegistryFailedCallError, serviceRegistryInvalidInitializationError, serviceRegistryNotInitializingError, serviceRegistryInvalidItemError, serviceRegistryInvalidJudgementError, serviceRegistryInvalidUriError, serviceRegistryNotRegisteredError, serviceRegistrySignerUsedError, serviceRegistryStakeSufficientError, serviceRegistryStakeTooLowError, serviceRegistryTooManyError, serviceRegistryUUPSUnauthorizedCallContextError, serviceRegistryUUPSUnsupportedProxiableUUIDError] as const

/** Every event of ServiceRegistry. */
export const serviceRegistryEvents = [serviceRegistryAuthorityUpdatedEvent, serviceRegistryInitializedEvent, serviceRegistryJudgementChangedEvent, serviceRegistryPausedEvent, serviceRegistryRegionListedEvent, serviceRegistryRegionsChangedEvent, serviceRegistryRegisteredEvent, serviceRegistryServiceDescribedEvent, serviceRegistryServiceListedEvent, serviceRegistryServiceURIChangedEvent, serviceRegistryServicesChangedEvent, serviceRegistrySignerChangedEvent, serviceRegistryUnpausedEvent, serviceRegistryUnregisteredEvent, serviceRegistryUpgradedEvent] as const

/** The whole ABI of ServiceRegistry; prefer single fragments in code that a browser loads. */
export const serviceRegistryAbi = [serviceRegistryMAXIMUM_LISTED_REGIONSFunction, serviceRegistryMAXIMUM_LISTED_SERVICESFunction, serviceRegistryMAXIMUM_REGIONSFunction, serviceRegistryMAXIMUM_SERVICESFunction, serviceRegistryMAXIMUM_URI_LENGTHFunction, serviceRegistryUPGRADE_INTERFACE_VERSIONFunction, serviceRegistryAuthorityFunction, serviceRegistryCountFunction, serviceRegistryDescribeServiceFunction, serviceRegistryEntriesFunction, serviceRegistryEntriesOfFunction, serviceRegistryEntryFunction, serviceRegistryInitializeFunction, serviceRegistryIsConsumingScheduledOpFunction, serviceRegistryIsSignerAtFunction, serviceRegistryJudgementAtFunction, serviceRegistryListFunction, serviceRegistryListedFunction, serviceRegistryPauseFunction, serviceRegistryPausedFunction, serviceRegistryProxiableUUIDFunction, serviceRegistryPruneFunction, serviceRegistryRefreshFunction, serviceRegistryRegionBitFunction, serviceRegistryRegisterFunction, serviceRegistryRowsFunction, serviceRegistryServiceBitFunction, serviceRegistrySetAuthorityFunction, serviceRegistrySetJudgementFunction, serviceRegistrySetRegionsFunction, serviceRegistrySetServiceURIFunction, serviceRegistrySetServicesFunction, serviceRegistrySetSignerFunction, serviceRegistrySignerOfFunction, serviceRegistryUnpauseFunction, serviceRegistryUnregisterFunction, serviceRegistryUpgradeToAndCallFunction, serviceRegistryAuthorityUpdatedEvent, serviceRegistryInitializedEvent, serviceRegistryJudgementChangedEvent, serviceRegistryPausedEvent, serviceRegistryRegionListedEvent, serviceRegistryRegionsChangedEvent, serviceRegistryRegisteredEvent, serviceRegistryServiceDescribedEvent, serviceRegistryServiceListedEvent, serviceRegistryServiceURIChangedEvent, serviceRegistryServicesChangedEvent, serviceRegistrySignerChangedEvent, serviceRegistryUnpausedEvent, serviceRegistryUnregisteredEvent, serviceRegistryUpgradedEvent, serviceRegistryAccessManagedInvalidAuthorityError, serviceRegistryAccessManagedRequiredDelayError, serviceRegistryAccessManagedUnauthorizedError, serviceRegistryAddressEmptyCodeError, serviceRegistryCheckpointUnorderedInsertionError, serviceRegistryERC1967InvalidImplementationError, serviceRegistryERC1967NonPayableError, serviceRegistryEnforcedPauseError, serviceRegistryExpectedPauseError, serviceRegistryFailedCallError, serviceRegistryInvalidInitializationError, serviceRegistryNotInitializingError, serviceRegistryInvalidItemError, serviceRegistryInvalidJudgementError, serviceRegistryInvalidUriError, serviceRegistryNotRegisteredError, serviceRegistrySignerUsedError, serviceRegistryStakeSufficientError, serviceRegistryStakeTooLowError, serviceRegistryTooManyError, serviceRegistryUUPSUnauthorizedCallContextError, serviceRegistryUUPSUnsupportedProxiableUUIDError] as const
