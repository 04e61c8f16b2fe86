// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `ServiceRegistryInvalidItem(bytes32)` of ServiceRegistry. */
export const serviceRegistryInvalidItemError = {"type":"error","name":"ServiceRegistryInvalidItem","inputs":[{"name":"item","type":"bytes32"}]} as const

/** error `ServiceRegistryInvalidUri(uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryInvalidUriError = {"type":"error","name":"ServiceRegistryInvalidUri","inputs":[{"name":"length","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `ServiceRegistryNotRegistered(address)` of ServiceRegistry. */
export const serviceRegistryNotRegisteredError = {"type":"error","name":"ServiceRegistryNotRegistered","inputs":[{"name":"orchestrator","type":"address"}]} as const

/** error `ServiceRegistryStakeSufficient(address,uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryStakeSufficientError = {"type":"error","name":"ServiceRegistryStakeSufficient","inputs":[{"name":"orchestrator","type":"address"},{"name":"stake","type":"uint256"},{"name":"minimumStake","type":"uint256"}]} as const

/** error `ServiceRegistryStakeTooLow(address,uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryStakeTooLowError = {"type":"error","name":"ServiceRegistryStakeTooLow","inputs":[{"name":"orchestrator","type":"address"},{"name":"stake","type":"uint256"},{"name":"minimumStake","type":"uint256"}]} as const

/** error `ServiceRegistryTooMany(uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryTooManyError = {"type":"error","name":"ServiceRegistryTooMany","inputs":[{"name":"given","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** event `RegionsChanged(address,bytes32[],bytes32[])` of ServiceRegistry. */
export const serviceRegistryRegionsChangedEvent = {"type":"event","name":"RegionsChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldRegions","type":"bytes32[]","indexed":false},{"name":"newRegions","type":"bytes32[]","indexed":false}],"anonymous":false} as const

/** event `Registered(address)` of ServiceRegistry. */
export const serviceRegistryRegisteredEvent = {"type":"event","name":"Registered","inputs":[{"name":"orchestrator","type":"address","indexed":true}],"anonymous":false} as const

/** event `ServiceURIChanged(address,string,string)` of ServiceRegistry. */
export const serviceRegistryServiceURIChangedEvent = {"type":"event","name":"ServiceURIChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldUri","type":"string","indexed":false},{"name":"newUri","type":"string","indexed":false}],"anonymous":false} as const

/** event `ServicesChanged(address,(bytes32,address)[],(bytes32,address)[])` of ServiceRegistry. */
export const serviceRegistryServicesChangedEvent = {"type":"event","name":"ServicesChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"oldServices","type":"tuple[]","indexed":false,"components":[{"name":"id","type":"bytes32"},{"name":"verifier","type":"address"}]},{"name":"newServices","type":"tuple[]","indexed":false,"components":[{"name":"id","type":"bytes32"},{"name":"verifier","type":"address"}]}],"anonymous":false} as const

/** event `Unregistered(address,address)` of ServiceRegistry. */
export const serviceRegistryUnregisteredEvent = {"type":"event","name":"Unregistered","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"caller","type":"address","indexed":true}],"anonymous":false} as const

/** event `VerifierChanged(address,bytes32,address,address,uint256)` of ServiceRegistry. */
export const serviceRegistryVerifierChangedEvent = {"type":"event","name":"VerifierChanged","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"serviceId","type":"bytes32","indexed":true},{"name":"oldVerifier","type":"address","indexed":false},{"name":"newVerifier","type":"address","indexed":false},{"name":"effectiveRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** function `count()` of ServiceRegistry. */
export const serviceRegistryCountFunction = {"type":"function","name":"count","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `entries(uint256,uint256)` of ServiceRegistry. */
export const serviceRegistryEntriesFunction = {"type":"function","name":"entries","inputs":[{"name":"cursor","type":"uint256"},{"name":"limit","type":"uint256"}],"outputs":[{"name":"page","type":"tuple[]","components":[{"name":"orchestrator","type":"address"},{"name":"uri","type":"string"},{"name":"services","type":"tuple[]","components":[{"name":"id","type":"bytes32"},{"name":"verifier","type":"address"}]},{"name":"regions","type":"bytes32[]"},{"name":"stake","type":"uint256"},{"name":"active","type":"bool"},{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}]},{"name":"nextCursor","type":"uint256"}],"stateMutability":"view"} as const

/** function `entry(address)` of ServiceRegistry. */
export const serviceRegistryEntryFunction = {"type":"function","name":"entry","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"uri","type":"string"},{"name":"services","type":"tuple[]","components":[{"name":"id","type":"bytes32"},{"name":"verifier","type":"address"}]},{"name":"regions","type":"bytes32[]"},{"name":"stake","type":"uint256"},{"name":"active","type":"bool"},{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}]}],"stateMutability":"view"} as const

/** function `prune(address)` of ServiceRegistry. */
export const serviceRegistryPruneFunction = {"type":"function","name":"prune","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `register(string,(bytes32,address)[],bytes32[])` of ServiceRegistry. */
export const serviceRegistryRegisterFunction = {"type":"function","name":"register","inputs":[{"name":"uri","type":"string"},{"name":"services","type":"tuple[]","components":[{"name":"id","type":"bytes32"},{"name":"verifier","type":"address"}]},{"name":"regions","type":"bytes32[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setRegions(bytes32[])` of ServiceRegistry. */
export const serviceRegistrySetRegionsFunction = {"type":"function","name":"setRegions","inputs":[{"name":"regions","type":"bytes32[]"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setServiceURI(string)` of ServiceRegistry. */
export const serviceRegistrySetServiceURIFunction = {"type":"function","name":"setServiceURI","inputs":[{"name":"uri","type":"string"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setServices((bytes32,address)[])` of ServiceRegistry. */
export const serviceRegistrySetServicesFunction = {"type":"function","name":"setServices","inputs":[{"name":"services","type":"tuple[]","components":[{"name":"id","type":"bytes32"},{"name":"verifier","type":"address"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `unregister()` of ServiceRegistry. */
export const serviceRegistryUnregisterFunction = {"type":"function","name":"unregister","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `verifierAt(address,bytes32,uint256)` of ServiceRegistry. */
export const serviceRegistryVerifierAtFunction = {"type":"function","name":"verifierAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"serviceId","type":"bytes32"},{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `verifierOf(address,bytes32)` of ServiceRegistry. */
export const serviceRegistryVerifierOfFunction = {"type":"function","name":"verifierOf","inputs":[{"name":"orchestrator","type":"address"},{"name":"serviceId","type":"bytes32"}],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** Every error that a call to ServiceRegistry may revert with by itself. */
export const serviceRegistryErrors = [serviceRegistryInvalidItemError, serviceRegistryInvalidUriError, serviceRegistryNotRegisteredError, serviceRegistryStakeSufficientError, serviceRegistryStakeTooLowError, serviceRegistryTooManyError] as const

/** Every event of ServiceRegistry. */
export const serviceRegistryEvents = [serviceRegistryRegionsChangedEvent, serviceRegistryRegisteredEvent, serviceRegistryServiceURIChangedEvent, serviceRegistryServicesChangedEvent, serviceRegistryUnregisteredEvent, serviceRegistryVerifierChangedEvent] as const

/** The whole ABI of ServiceRegistry; prefer single fragments in code that a browser loads. */
export const serviceRegistryAbi = [serviceRegistryCountFunction, serviceRegistryEntriesFunction, serviceRegistryEntryFunction, serviceRegistryPruneFunction, serviceRegistryRegisterFunction, serviceRegistrySetRegionsFunction, serviceRegistrySetServiceURIFunction, serviceRegistrySetServicesFunction, serviceRegistryUnregisterFunction, serviceRegistryVerifierAtFunction, serviceRegistryVerifierOfFunction, serviceRegistryRegionsChangedEvent, serviceRegistryRegisteredEvent, serviceRegistryServiceURIChangedEvent, serviceRegistryServicesChangedEvent, serviceRegistryUnregisteredEvent, serviceRegistryVerifierChangedEvent, serviceRegistryInvalidItemError, serviceRegistryInvalidUriError, serviceRegistryNotRegisteredError, serviceRegistryStakeSufficientError, serviceRegistryStakeTooLowError, serviceRegistryTooManyError] as const
