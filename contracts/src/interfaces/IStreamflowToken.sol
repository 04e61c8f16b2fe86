// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title IStreamflowToken
/// @notice The token that orchestrators and delegators stake. Who may mint and burn is decided by the AccessManager.
/// @dev Not upgradeable: what people hold does not change under them.
interface IStreamflowToken is IERC20, IERC20Permit {
    /// @notice Minting `amount` wei would bring the supply above `cap`.
    error StreamflowTokenCapExceeded(uint256 supply, uint256 amount, uint256 cap);

    /// @notice Creates `amount` wei for `to`. Restricted: Staking, and who distributes the first supply.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys `amount` wei of the caller's own. Restricted: Staking.
    function burn(uint256 amount) external;

    /// @notice Largest supply ever, in wei: 2^96 - 1, so that sums of stake fit the books.
    function cap() external view returns (uint256);
}
