// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// OpenZeppelin's contracts that a deployment creates as they are: imported so that the compiler builds them.
/* solhint-disable no-unused-import */
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
/* solhint-enable no-unused-import */
