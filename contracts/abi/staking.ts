// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** function `bookFees(address,uint256,uint32)` of Staking. */
export const stakingBookFeesFunction = {"type":"function","name":"bookFees","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"},{"name":"feeShare","type":"uint32"}],"outputs":[],"stateMutability":"payable"} as const

/** function `commissionAt(address,uint256)` of Staking. */
export const stakingCommissionAtFunction = {"type":"function","name":"commissionAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}],"stateMutability":"view"} as const

/** function `isActive(address)` of Staking. */
export const stakingIsActiveFunction = {"type":"function","name":"isActive","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `isActiveAt(address,uint256)` of Staking. */
export const stakingIsActiveAtFunction = {"type":"function","name":"isActiveAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `minimumStake()` of Staking. */
export const stakingMinimumStakeFunction = {"type":"function","name":"minimumStake","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `stakeOf(address)` of Staking. */
export const stakingStakeOfFunction = {"type":"function","name":"stakeOf","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `unbondingPeriod()` of Staking. */
export const stakingUnbondingPeriodFunction = {"type":"function","name":"unbondingPeriod","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** Every error that a call to Staking may revert with by itself. */
export const stakingErrors = [] as const

/** Every event of Staking. */
export const stakingEvents = [] as const

/** The whole ABI of Staking; prefer single fragments in code that a browser loads. */
export const stakingAbi = [stakingBookFeesFunction, stakingCommissionAtFunction, stakingIsActiveFunction, stakingIsActiveAtFunction, stakingMinimumStakeFunction, stakingStakeOfFunction, stakingUnbondingPeriodFunction] as const
