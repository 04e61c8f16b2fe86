// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {BrokerFixture} from "../helpers/BrokerFixture.sol";

/// @notice The broker's share of a redemption's gas stays where it is: a call to a staking double takes the place of
/// Staking, whose own share is in `npm run bench -- gas`, which measures the whole. Each call starts cold, as a transaction does.
/// forge-config: default.isolate = true
contract RedeemGasTest is BrokerFixture {
    uint256 private constant REDEEM_LIMIT = 90_000;
    uint256 private constant SPARSE_LIMIT = 108_000;
    uint256 private constant MARGINAL_LIMIT = 28_000;

    bytes32 private grantHash;

    function setUp() public override {
        super.setUp();
        fund(100 ether, 0, 0);
        grantHash = registerGrant(50 ether);
        broker.redeem(winnerOfGrant(1 ether, grantHash), 0);
    }

    function test_gas_redeemWarm() public {
        broker.redeem(winnerOfGrant(1 ether, grantHash), 0);
        assertLt(vm.lastCallGas().gasTotalUsed, REDEEM_LIMIT);
    }

    /// @dev The first winner of 256 nonces writes a slot of its own.
    function test_gas_redeemFarFromOtherNonces() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.nonce = 1 << 20;
        ticket.recipientRandHash = keccak256(abi.encode(randOf(1 << 20)));
        broker.redeem(sign(ticket, SESSION_KEY, grantHash), 0);
        uint256 sparse = vm.lastCallGas().gasTotalUsed;
        assertLt(sparse, SPARSE_LIMIT);
        assertGt(sparse, REDEEM_LIMIT);
    }

    function test_gas_marginalTicketOfABatch() public {
        uint256 one = _batch(1);
        assertLt((_batch(10) - one) / 9, MARGINAL_LIMIT);
    }

    function _batch(uint256 size) private returns (uint256) {
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](size);
        for (uint256 i = 0; i < size; ++i) {
            redemptions[i] = winnerOfGrant(1 ether, grantHash);
        }
        broker.redeemBatch(redemptions, new uint256[](size), noGrants());
        return vm.lastCallGas().gasTotalUsed;
    }
}
