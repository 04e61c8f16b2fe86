// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakingFixture} from "../helpers/StakingFixture.sol";

/// @notice What an operation costs does not depend on how many orchestrators there are.
/// forge-config: default.isolate = true
contract OpenSetGasTest is StakingFixture {
    uint256 private constant FEW = 10;
    uint256 private constant MANY = 2_000;
    /// @dev Calldata of random addresses and amounts differs by some zero bytes.
    uint256 private constant NOISE = 200;

    function test_costs_AreTheSameWith10AndWith2000Orchestrators() public {
        // Past the first rounds, in which no round of fees has closed yet.
        nextRounds(10);
        _populate(0, FEW);
        uint256[6] memory few = _measure("few");
        _populate(FEW, MANY);
        uint256[6] memory many = _measure("many");
        string[6] memory names = ["bond self", "bond", "reward", "bookFees warm", "unbond", "redelegate"];
        for (uint256 i = 0; i < names.length; ++i) {
            emit log_named_uint(string.concat(names[i], " at 10"), few[i]);
            emit log_named_uint(string.concat(names[i], " at 2000"), many[i]);
        }
        for (uint256 i = 0; i < names.length; ++i) {
            assertApproxEqAbs(few[i], many[i], NOISE, names[i]);
        }
    }

    /// @dev A hundred in one transaction, which isolation makes many times faster.
    function _populate(uint256 from, uint256 to) private {
        vm.pauseGasMetering();
        for (uint256 i = from; i < to; i += 100) {
            this.populate(i, i + 100 < to ? i + 100 : to);
        }
        nextRound();
        vm.resumeGasMetering();
    }

    function populate(uint256 from, uint256 to) external {
        for (uint256 i = from; i < to; ++i) {
            bond(address(uint160(0x10000 + i)), MINIMUM, address(uint160(0x10000 + i)));
        }
    }

    function _measure(string memory label) private returns (uint256[6] memory used) {
        address self = makeAddr(string.concat(label, "orchestrator"));
        address second = makeAddr(string.concat(label, "second"));
        address delegator = makeAddr(string.concat(label, "delegator"));
        fund(self, MINIMUM);
        fund(delegator, 11 ether);
        enlist(second, MINIMUM, 100_000, 500_000);
        vm.prank(self);
        staking.bond(MINIMUM, self);
        used[0] = vm.lastCallGas().gasTotalUsed;
        vm.prank(self);
        staking.scheduleCommission(100_000, 500_000);
        nextRound();
        vm.prank(delegator);
        staking.bond(10 ether, self);
        used[1] = vm.lastCallGas().gasTotalUsed;
        nextRound();
        reward(second);
        reward(self);
        nextRound();
        reward(self);
        used[2] = vm.lastCallGas().gasTotalUsed;
        book(self, round(), 500_000, 1 ether);
        book(self, round(), 500_000, 1 ether);
        used[3] = vm.lastCallGas().gasTotalUsed;
        unbond(delegator, 1 ether);
        used[4] = vm.lastCallGas().gasTotalUsed;
        vm.prank(delegator);
        staking.redelegate(second);
        used[5] = vm.lastCallGas().gasTotalUsed;
    }
}
