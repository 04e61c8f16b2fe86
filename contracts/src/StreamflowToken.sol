// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IStreamflowToken} from "./interfaces/IStreamflowToken.sol";

/// @title StreamflowToken
/// @notice ERC-20 with permit; minted by rewards, burned by slashes.
contract StreamflowToken is ERC20, ERC20Permit, AccessManaged, IStreamflowToken {
    /// @inheritdoc IStreamflowToken
    // Named as ERC-20 tokens name it.
    // solhint-disable-next-line const-name-snakecase
    uint256 public constant override cap = type(uint96).max;

    /// @param authority_ The AccessManager.
    constructor(address authority_)
        ERC20("Streamflow", "FLOW")
        ERC20Permit("Streamflow")
        AccessManaged(authority_)
    {}

    /// @inheritdoc IStreamflowToken
    function mint(address to, uint256 amount) external override restricted {
        uint256 supply = totalSupply();
        if (amount > cap - supply) revert StreamflowTokenCapExceeded(supply, amount, cap);
        _mint(to, amount);
    }

    /// @inheritdoc IStreamflowToken
    function burn(uint256 amount) external override restricted {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }
}
