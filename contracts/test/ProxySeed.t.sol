// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ProxySeed} from "../src/ProxySeed.sol";
import {Rounds} from "../src/Rounds.sol";
import {Fixture} from "./helpers/Fixture.sol";

contract ProxySeedTest is Fixture {
    function test_seed_IsReplacedByItsDeployerOnly() public {
        address proxy = _proxy(_seed());
        address implementation = address(new Rounds());
        address thief = makeAddr("thief");
        vm.expectRevert(abi.encodeWithSelector(ProxySeed.ProxySeedNotDeployer.selector, thief));
        vm.prank(thief);
        UUPSUpgradeable(proxy).upgradeToAndCall(implementation, "");
        UUPSUpgradeable(proxy).upgradeToAndCall(
            implementation, abi.encodeCall(Rounds.initialize, (address(manager), 600))
        );
        assertEq(Rounds(proxy).currentRound(), 1);
    }
}
