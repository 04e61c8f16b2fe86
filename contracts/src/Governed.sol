// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManagedUpgradeable} from
    "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title Governed
/// @notice Who may upgrade, pause and configure a contract of Streamflow: whoever the shared AccessManager says.
/// @dev Every contract of the protocol derives from it. Pausing stops entry (putting value or names in), never exit
/// (taking one's own value out); which functions are entry is said contract by contract with `whenNotPaused`.
abstract contract Governed is AccessManagedUpgradeable, PausableUpgradeable, UUPSUpgradeable {
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @notice Stops the functions that take value or registrations in.
    function pause() external restricted {
        _pause();
    }

    /// @notice Opens those functions again.
    function unpause() external restricted {
        _unpause();
    }

    /// @param authority_ the AccessManager that answers who may call `restricted` functions
    // Named as OpenZeppelin names initializers.
    // solhint-disable-next-line func-name-mixedcase
    function __Governed_init(address authority_) internal onlyInitializing {
        __AccessManaged_init(authority_);
        __Pausable_init();
    }

    /// @inheritdoc UUPSUpgradeable
    // The modifier is all there is to check.
    // solhint-disable-next-line no-empty-blocks
    function _authorizeUpgrade(address) internal override restricted {}
}
