// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title ProxySeed
/// @notice The first implementation behind every proxy. It holds nothing and can only be replaced, by its deployer.
/// @dev The contracts know each other through immutables, so all addresses must exist before any implementation does:
/// a deployment creates the proxies on a seed, then upgrades each to its implementation and initializes it at once.
contract ProxySeed is UUPSUpgradeable {
    /// @notice The caller is not the account that deployed the seed.
    error ProxySeedNotDeployer(address caller);

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    address private immutable _deployer;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _deployer = msg.sender;
    }

    /// @notice Does nothing: what a proxy calls at its creation, since it must call something.
    // See above.
    // solhint-disable-next-line no-empty-blocks
    function plant() external pure {}

    /// @inheritdoc UUPSUpgradeable
    function _authorizeUpgrade(address) internal view override {
        if (msg.sender != _deployer) revert ProxySeedNotDeployer(msg.sender);
    }
}
