// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {BrokerFixture} from "../helpers/BrokerFixture.sol";

/// @notice Execution gas of redeeming, cold access as at the start of a transaction.
/// forge-config: default.isolate = true
contract RedeemGasTest is BrokerFixture {
    function test_redeem_warm() public {
        fund(100 ether, 0, 0);
        bytes32 grantHash = registerGrant(50 ether);
        broker.redeem(winnerOfGrant(1 ether, grantHash), 0);
        ITicketBroker.Redemption memory redemption = winnerOfGrant(1 ether, grantHash);
        broker.redeem(redemption, 0);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("redeem warm", used);
    }

    function test_batch() public {
        fund(100 ether, 0, 0);
        bytes32 grantHash = registerGrant(50 ether);
        broker.redeem(winnerOfGrant(1 ether, grantHash), 0);
        uint256 one = _batch(grantHash, 1);
        uint256 ten = _batch(grantHash, 10);
        emit log_named_uint("batch of 1", one);
        emit log_named_uint("marginal", (ten - one) / 9);
    }

    function _batch(bytes32 grantHash, uint256 size) private returns (uint256) {
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](size);
        for (uint256 i = 0; i < size; ++i) {
            redemptions[i] = winnerOfGrant(1 ether, grantHash);
        }
        broker.redeemBatch(redemptions, new uint256[](size), noGrants());
        return vm.lastCallGas().gasTotalUsed;
    }
}
