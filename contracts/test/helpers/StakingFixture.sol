// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ProxySeed} from "../../src/ProxySeed.sol";
import {Rounds} from "../../src/Rounds.sol";
import {Staking} from "../../src/Staking.sol";
import {StreamflowToken} from "../../src/StreamflowToken.sol";
import {IChallenges} from "../../src/interfaces/IChallenges.sol";
import {IRounds} from "../../src/interfaces/IRounds.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {IStaking} from "../../src/interfaces/IStaking.sol";
import {IStreamflowToken} from "../../src/interfaces/IStreamflowToken.sol";
import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {RoundsFixture} from "./RoundsFixture.sol";

/// @notice Token, Rounds and Staking behind proxies, as a deployment makes them; the broker and Challenges are accounts that the test
/// speaks for.
abstract contract StakingFixture is RoundsFixture {
    uint256 internal constant RAY = 1e27;
    uint256 internal constant ROUND_LENGTH = 600;
    uint256 internal constant MINIMUM = 100 ether;
    uint256 internal constant MINIMUM_SELF = 50 ether;
    uint256 internal constant UNBONDING = 7;
    uint256 internal constant SUPPLY = 1_000_000 ether;
    uint64 internal constant MINTER = 3;
    uint64 internal constant BURNER = 4;

    AccessManager internal manager;
    StreamflowToken internal token;
    Staking internal staking;
    address internal broker = makeAddr("ticketBroker");
    address internal challenges = makeAddr("challenges");
    address internal registry = makeAddr("registry");
    address internal orchestrator = makeAddr("orchestrator");
    address internal other = makeAddr("other");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal hunter = makeAddr("hunter");

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1_000);
        manager = new AccessManager(address(this));
        token = new StreamflowToken(address(manager));
        address seed = address(new ProxySeed());
        rounds = Rounds(_proxy(seed));
        staking = Staking(_proxy(seed));
        UUPSUpgradeable(address(rounds)).upgradeToAndCall(
            address(new Rounds()), abi.encodeCall(Rounds.initialize, (address(manager), ROUND_LENGTH))
        );
        _allowMinting(address(staking));
        _allowMinting(address(this));
        token.mint(address(this), SUPPLY);
        UUPSUpgradeable(address(staking)).upgradeToAndCall(
            newImplementation(), abi.encodeCall(Staking.initialize, (address(manager), parameters()))
        );
        rounds.initializeRound();
        vm.deal(broker, 1_000_000 ether);
    }

    function newImplementation() internal returns (address) {
        return address(
            new Staking(
                IStreamflowToken(address(token)), IRounds(address(rounds)), ITicketBroker(broker), IChallenges(challenges), IServiceRegistry(registry)
            )
        );
    }

    function parameters() internal pure virtual returns (IStaking.Parameters memory) {
        return IStaking.Parameters({
            minimumStake: MINIMUM,
            minimumSelfStake: MINIMUM_SELF,
            unbondingPeriod: UNBONDING,
            maxCommissionStep: 100_000,
            inflation: RAY / 1_000,
            inflationChange: 0,
            maxInflation: RAY / 250,
            targetBondingRate: RAY / 2
        });
    }

    function round() internal view returns (uint256) {
        return rounds.currentRound();
    }

    function fund(address account, uint256 amount) internal {
        token.transfer(account, amount);
        vm.prank(account);
        token.approve(address(staking), type(uint256).max);
    }

    function bond(address account, uint256 amount, address to) internal {
        fund(account, amount);
        vm.prank(account);
        staking.bond(amount, to);
    }

    function unbond(address account, uint256 amount) internal returns (uint256) {
        vm.prank(account);
        return staking.unbond(amount);
    }

    /// @dev An orchestrator with a commission in force from the next round on.
    function enlist(address account, uint256 amount, uint32 rewardCut, uint32 feeShare) internal {
        bond(account, amount, account);
        vm.prank(account);
        staking.scheduleCommission(rewardCut, feeShare);
    }

    function book(address account, uint256 creationRound, uint32 feeShare, uint256 amount) internal {
        vm.prank(broker);
        staking.bookFees{value: amount}(account, creationRound, feeShare);
    }

    function reward(address account) internal returns (uint256) {
        vm.prank(account);
        return staking.reward();
    }

    function slash(address account, uint32 rate, uint32 bountyRate) internal returns (uint256 penalty, uint256 bounty) {
        return slashFor(account, rate, bountyRate, round());
    }

    function slashFor(address account, uint32 rate, uint32 bountyRate, uint256 offenceRound)
        internal
        returns (uint256 penalty, uint256 bounty)
    {
        vm.prank(challenges);
        return staking.slash(account, rate, hunter, bountyRate, offenceRound);
    }

    function _proxy(address seed) internal returns (address) {
        return address(new ERC1967Proxy(seed, abi.encodeCall(ProxySeed.plant, ())));
    }

    function _allowMinting(address account) private {
        bytes4[] memory minting = new bytes4[](1);
        minting[0] = IStreamflowToken.mint.selector;
        bytes4[] memory burning = new bytes4[](1);
        burning[0] = IStreamflowToken.burn.selector;
        manager.setTargetFunctionRole(address(token), minting, MINTER);
        manager.setTargetFunctionRole(address(token), burning, BURNER);
        manager.grantRole(MINTER, account, 0);
        manager.grantRole(BURNER, account, 0);
    }
}
