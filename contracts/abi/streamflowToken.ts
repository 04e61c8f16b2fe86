// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of StreamflowToken. */
export const streamflowTokenAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of StreamflowToken. */
export const streamflowTokenAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of StreamflowToken. */
export const streamflowTokenAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `ECDSAInvalidSignature()` of StreamflowToken. */
export const streamflowTokenECDSAInvalidSignatureError = {"type":"error","name":"ECDSAInvalidSignature","inputs":[]} as const

/** error `ECDSAInvalidSignatureLength(uint256)` of StreamflowToken. */
export const streamflowTokenECDSAInvalidSignatureLengthError = {"type":"error","name":"ECDSAInvalidSignatureLength","inputs":[{"name":"length","type":"uint256"}]} as const

/** error `ECDSAInvalidSignatureS(bytes32)` of StreamflowToken. */
export const streamflowTokenECDSAInvalidSignatureSError = {"type":"error","name":"ECDSAInvalidSignatureS","inputs":[{"name":"s","type":"bytes32"}]} as const

/** error `ERC20InsufficientAllowance(address,uint256,uint256)` of StreamflowToken. */
export const streamflowTokenERC20InsufficientAllowanceError = {"type":"error","name":"ERC20InsufficientAllowance","inputs":[{"name":"spender","type":"address"},{"name":"allowance","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `ERC20InsufficientBalance(address,uint256,uint256)` of StreamflowToken. */
export const streamflowTokenERC20InsufficientBalanceError = {"type":"error","name":"ERC20InsufficientBalance","inputs":[{"name":"sender","type":"address"},{"name":"balance","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `ERC20InvalidApprover(address)` of StreamflowToken. */
export const streamflowTokenERC20InvalidApproverError = {"type":"error","name":"ERC20InvalidApprover","inputs":[{"name":"approver","type":"address"}]} as const

/** error `ERC20InvalidReceiver(address)` of StreamflowToken. */
export const streamflowTokenERC20InvalidReceiverError = {"type":"error","name":"ERC20InvalidReceiver","inputs":[{"name":"receiver","type":"address"}]} as const

/** error `ERC20InvalidSender(address)` of StreamflowToken. */
export const streamflowTokenERC20InvalidSenderError = {"type":"error","name":"ERC20InvalidSender","inputs":[{"name":"sender","type":"address"}]} as const

/** error `ERC20InvalidSpender(address)` of StreamflowToken. */
export const streamflowTokenERC20InvalidSpenderError = {"type":"error","name":"ERC20InvalidSpender","inputs":[{"name":"spender","type":"address"}]} as const

/** error `ERC2612ExpiredSignature(uint256)` of StreamflowToken. */
export const streamflowTokenERC2612ExpiredSignatureError = {"type":"error","name":"ERC2612ExpiredSignature","inputs":[{"name":"deadline","type":"uint256"}]} as const

/** error `ERC2612InvalidSigner(address,address)` of StreamflowToken. */
export const streamflowTokenERC2612InvalidSignerError = {"type":"error","name":"ERC2612InvalidSigner","inputs":[{"name":"signer","type":"address"},{"name":"owner","type":"address"}]} as const

/** error `InvalidAccountNonce(address,uint256)` of StreamflowToken. */
export const streamflowTokenInvalidAccountNonceError = {"type":"error","name":"InvalidAccountNonce","inputs":[{"name":"account","type":"address"},{"name":"currentNonce","type":"uint256"}]} as const

/** error `InvalidShortString()` of StreamflowToken. */
export const streamflowTokenInvalidShortStringError = {"type":"error","name":"InvalidShortString","inputs":[]} as const

/** error `StreamflowTokenCapExceeded(uint256,uint256,uint256)` of StreamflowToken. */
export const streamflowTokenCapExceededError = {"type":"error","name":"StreamflowTokenCapExceeded","inputs":[{"name":"supply","type":"uint256"},{"name":"amount","type":"uint256"},{"name":"cap","type":"uint256"}]} as const

/** error `StringTooLong(string)` of StreamflowToken. */
export const streamflowTokenStringTooLongError = {"type":"error","name":"StringTooLong","inputs":[{"name":"str","type":"string"}]} as const

/** event `Approval(address,address,uint256)` of StreamflowToken. */
export const streamflowTokenApprovalEvent = {"type":"event","name":"Approval","inputs":[{"name":"owner","type":"address","indexed":true},{"name":"spender","type":"address","indexed":true},{"name":"value","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `AuthorityUpdated(address)` of StreamflowToken. */
export const streamflowTokenAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `EIP712DomainChanged()` of StreamflowToken. */
export const streamflowTokenEIP712DomainChangedEvent = {"type":"event","name":"EIP712DomainChanged","inputs":[],"anonymous":false} as const

/** event `Transfer(address,address,uint256)` of StreamflowToken. */
export const streamflowTokenTransferEvent = {"type":"event","name":"Transfer","inputs":[{"name":"from","type":"address","indexed":true},{"name":"to","type":"address","indexed":true},{"name":"value","type":"uint256","indexed":false}],"anonymous":false} as const

/** function `DOMAIN_SEPARATOR()` of StreamflowToken. */
export const streamflowTokenDOMAIN_SEPARATORFunction = {"type":"function","name":"DOMAIN_SEPARATOR","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `allowance(address,address)` of StreamflowToken. */
export const streamflowTokenAllowanceFunction = {"type":"function","name":"allowance","inputs":[{"name":"owner","type":"address"},{"name":"spender","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `approve(address,uint256)` of StreamflowToken. */
export const streamflowTokenApproveFunction = {"type":"function","name":"approve","inputs":[{"name":"spender","type":"address"},{"name":"value","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"nonpayable"} as const

/** function `authority()` of StreamflowToken. */
export const streamflowTokenAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `balanceOf(address)` of StreamflowToken. */
export const streamflowTokenBalanceOfFunction = {"type":"function","name":"balanceOf","inputs":[{"name":"account","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `burn(uint256)` of StreamflowToken. */
export const streamflowTokenBurnFunction = {"type":"function","name":"burn","inputs":[{"name":"amount","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `cap()` of StreamflowToken. */
export const streamflowTokenCapFunction = {"type":"function","name":"cap","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `decimals()` of StreamflowToken. */
export const streamflowTokenDecimalsFunction = {"type":"function","name":"decimals","inputs":[],"outputs":[{"name":"","type":"uint8"}],"stateMutability":"view"} as const

/** function `eip712Domain()` of StreamflowToken. */
export const streamflowTokenEip712DomainFunction = {"type":"function","name":"eip712Domain","inputs":[],"outputs":[{"name":"fields","type":"bytes1"},{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"},{"name":"salt","type":"bytes32"},{"name":"extensions","type":"uint256[]"}],"stateMutability":"view"} as const

/** function `isConsumingScheduledOp()` of StreamflowToken. */
export const streamflowTokenIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `mint(address,uint256)` of StreamflowToken. */
export const streamflowTokenMintFunction = {"type":"function","name":"mint","inputs":[{"name":"to","type":"address"},{"name":"amount","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `name()` of StreamflowToken. */
export const streamflowTokenNameFunction = {"type":"function","name":"name","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `nonces(address)` of StreamflowToken. */
export const streamflowTokenNoncesFunction = {"type":"function","name":"nonces","inputs":[{"name":"owner","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `permit(address,address,uint256,uint256,uint8,bytes32,bytes32)` of StreamflowToken. */
export const streamflowTokenPermitFunction = {"type":"function","name":"permit","inputs":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},{"name":"value","type":"uint256"},{"name":"deadline","type":"uint256"},{"name":"v","type":"uint8"},{"name":"r","type":"bytes32"},{"name":"s","type":"bytes32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setAuthority(address)` of StreamflowToken. */
export const streamflowTokenSetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `symbol()` of StreamflowToken. */
export const streamflowTokenSymbolFunction = {"type":"function","name":"symbol","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `totalSupply()` of StreamflowToken. */
export const streamflowTokenTotalSupplyFunction = {"type":"function","name":"totalSupply","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `transfer(address,uint256)` of StreamflowToken. */
export const streamflowTokenTransferFunction = {"type":"function","name":"transfer","inputs":[{"name":"to","type":"address"},{"name":"value","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"nonpayable"} as const

/** function `transferFrom(address,address,uint256)` of StreamflowToken. */
export const streamflowTokenTransferFromFunction = {"type":"function","name":"transferFrom","inputs":[{"name":"from","type":"address"},{"name":"to","type":"address"},{"name":"value","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"nonpayable"} as const

/** Every error that a call to StreamflowToken may revert with by itself. */
export const streamflowTokenErrors = [streamflowTokenAccessManagedInvalidAuthorityError, streamflowTokenAccessManagedRequiredDelayError, streamflowTokenAccessManagedUnauthorizedError, streamflowTokenECDSAInvalidSignatureError, streamflowTokenECDSAInvalidSignatureLengthError, streamflowTokenECDSAInvalidSignatureSError, streamflowTokenERC20InsufficientAllowanceError, streamflowTokenERC20InsufficientBalanceError, streamflowTokenERC20InvalidApproverError, streamflowTokenERC20InvalidReceiverError, streamflowTokenERC20InvalidSenderError, streamflowTokenERC20InvalidSpenderError, streamflowTokenERC2612ExpiredSignatureError, streamflowTokenERC2612InvalidSignerError, streamflowTokenInvalidAccountNonceError, streamflowTokenInvalidShortStringError, streamflowTokenCapExceededError, streamflowTokenStringTooLongError] as const

/** Every event of StreamflowToken. */
export const streamflowTokenEvents = [streamflowTokenApprovalEvent, streamflowTokenAuthorityUpdatedEvent, streamflowTokenEIP712DomainChangedEvent, streamflowTokenTransferEvent] as const

/** The whole ABI of StreamflowToken; prefer single fragments in code that a browser loads. */
export const streamflowTokenAbi = [streamflowTokenDOMAIN_SEPARATORFunction, streamflowTokenAllowanceFunction, streamflowTokenApproveFunction, streamflowTokenAuthorityFunction, streamflowTokenBalanceOfFunction, streamflowTokenBurnFunction, streamflowTokenCapFunction, streamflowTokenDecimalsFunction, streamflowTokenEip712DomainFunction, streamflowTokenIsConsumingScheduledOpFunction, streamflowTokenMintFunction, streamflowTokenNameFunction, streamflowTokenNoncesFunction, streamflowTokenPermitFunction, streamflowTokenSetAuthorityFunction, streamflowTokenSymbolFunction, streamflowTokenTotalSupplyFunction, streamflowTokenTransferFunction, streamflowTokenTransferFromFunction, streamflowTokenApprovalEvent, streamflowTokenAuthorityUpdatedEvent, streamflowTokenEIP712DomainChangedEvent, streamflowTokenTransferEvent, streamflowTokenAccessManagedInvalidAuthorityError, streamflowTokenAccessManagedRequiredDelayError, streamflowTokenAccessManagedUnauthorizedError, streamflowTokenECDSAInvalidSignatureError, streamflowTokenECDSAInvalidSignatureLengthError, streamflowTokenECDSAInvalidSignatureSError, streamflowTokenERC20InsufficientAllowanceError, streamflowTokenERC20InsufficientBalanceError, streamflowTokenERC20InvalidApproverError, streamflowTokenERC20InvalidReceiverError, streamflowTokenERC20InvalidSenderError, streamflowTokenERC20InvalidSpenderError, streamflowTokenERC2612ExpiredSignatureError, streamflowTokenERC2612InvalidSignerError, streamflowTokenInvalidAccountNonceError, streamflowTokenInvalidShortStringError, streamflowTokenCapExceededError, streamflowTokenStringTooLongError] as const
