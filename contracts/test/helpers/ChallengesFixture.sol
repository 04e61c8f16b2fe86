// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {AttestationVerifier} from "../../src/AttestationVerifier.sol";
import {Challenges} from "../../src/Challenges.sol";
import {ProxySeed} from "../../src/ProxySeed.sol";
import {Rounds} from "../../src/Rounds.sol";
import {ServiceRegistry} from "../../src/ServiceRegistry.sol";
import {Staking} from "../../src/Staking.sol";
import {StreamflowToken} from "../../src/StreamflowToken.sol";
import {TicketBroker} from "../../src/TicketBroker.sol";
import {IChallenges} from "../../src/interfaces/IChallenges.sol";
import {IRounds} from "../../src/interfaces/IRounds.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {IStaking} from "../../src/interfaces/IStaking.sol";
import {IStreamflowToken} from "../../src/interfaces/IStreamflowToken.sol";
import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {RoundsFixture} from "./RoundsFixture.sol";

/// @notice The whole protocol behind proxies, as a deployment makes it.
abstract contract ChallengesFixture is RoundsFixture {
    uint256 internal constant RAY = 1e27;
    uint256 internal constant ROUND_LENGTH = 600;
    uint256 internal constant MINIMUM = 100 ether;
    uint256 internal constant UNBONDING = 7;
    uint256 internal constant BOND = 0.1 ether;
    uint256 internal constant SUPPLY = 1_000_000 ether;
    bytes32 internal constant SERVICE = keccak256("Transcoding");

    AccessManager internal manager;
    StreamflowToken internal token;
    Staking internal staking;
    TicketBroker internal broker;
    ServiceRegistry internal registry;
    Challenges internal challenges;
    AttestationVerifier internal attestation;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1_000);
        manager = new AccessManager(address(this));
        token = new StreamflowToken(address(manager));
        address seed = address(new ProxySeed());
        rounds = Rounds(_proxy(seed));
        staking = Staking(_proxy(seed));
        broker = TicketBroker(_proxy(seed));
        registry = ServiceRegistry(_proxy(seed));
        challenges = Challenges(_proxy(seed));
        attestation = AttestationVerifier(_proxy(seed));
        _install(
            address(rounds),
            address(new Rounds()),
            abi.encodeCall(Rounds.initialize, (address(manager), ROUND_LENGTH))
        );
        _grantToken();
        token.mint(address(this), SUPPLY);
        _install(
            address(staking), newStaking(), abi.encodeCall(Staking.initialize, (address(manager), stakingParameters()))
        );
        _install(
            address(broker), newBroker(), abi.encodeCall(TicketBroker.initialize, (address(manager), 2, 2, 500_000))
        );
        _install(
            address(registry),
            newRegistry(),
            abi.encodeCall(ServiceRegistry.initialize, (address(manager)))
        );
        _install(
            address(challenges),
            newChallenges(),
            abi.encodeCall(Challenges.initialize, (address(manager), challengeParameters()))
        );
        _install(
            address(attestation),
            newAttestation(),
            abi.encodeCall(AttestationVerifier.initialize, (address(manager)))
        );
        challenges.setVerifierApproval(address(attestation), true);
        rounds.initializeRound();
    }

    function newStaking() internal returns (address) {
        return address(
            new Staking(
                IStreamflowToken(address(token)),
                IRounds(address(rounds)),
                ITicketBroker(address(broker)),
                IChallenges(address(challenges)),
                IServiceRegistry(address(registry))
            )
        );
    }

    function newBroker() internal returns (address) {
        return address(new TicketBroker(address(rounds), address(staking), address(registry)));
    }

    function newRegistry() internal returns (address) {
        return address(new ServiceRegistry(address(staking), address(rounds)));
    }

    function newChallenges() internal returns (address) {
        return address(
            new Challenges(
                IRounds(address(rounds)),
                IStaking(address(staking)),
                IServiceRegistry(address(registry)),
                address(broker)
            )
        );
    }

    function newAttestation() internal returns (address) {
        return address(
            new AttestationVerifier(
                IStaking(address(staking)),
                IChallenges(address(challenges)),
                address(broker),
                IRounds(address(rounds)),
                IServiceRegistry(address(registry))
            )
        );
    }

    function stakingParameters() internal pure returns (IStaking.Parameters memory) {
        return IStaking.Parameters({
            minimumStake: MINIMUM,
            minimumSelfStake: MINIMUM / 2,
            unbondingPeriod: UNBONDING,
            maxCommissionStep: 100_000,
            inflation: RAY / 1_000,
            inflationChange: RAY / 100_000,
            maxInflation: RAY / 200,
            targetBondingRate: RAY / 2
        });
    }

    function challengeParameters() internal pure returns (IChallenges.Parameters memory) {
        return IChallenges.Parameters({
            bond: BOND,
            priority: 0,
            window: 2,
            answerPeriod: 2,
            appealPeriod: 0,
            attesterShare: 0
        });
    }

    function bond(address account, uint256 amount, address to) internal {
        token.transfer(account, amount);
        vm.startPrank(account);
        token.approve(address(staking), amount);
        staking.bond(amount, to);
        vm.stopPrank();
    }

    /// @dev From the next round on, or at once if nobody judged transcoding before.
    function letJudge(address verifier) internal {
        registry.setJudgement(SERVICE, IServiceRegistry.Judgement(verifier, 100_000, 250_000));
    }

    /// @dev An orchestrator; transcoding is judged by `verifier`.
    function enlist(address account, uint256 amount, address verifier) internal {
        if (registry.judgementAt(SERVICE, rounds.currentRound() + 1).verifier != verifier) letJudge(verifier);
        bond(account, amount, account);
        vm.startPrank(account);
        staking.scheduleCommission(100_000, 300_000);
        bytes32[] memory services = new bytes32[](1);
        services[0] = SERVICE;
        registry.register("https://orchestrator.example", services, new bytes32[](0));
        vm.stopPrank();
    }

    function receiptOf(address account, uint64 seq) internal view returns (IVerifier.Receipt memory) {
        return IVerifier.Receipt({
            orchestrator: account,
            broadcaster: address(0xb0),
            serviceId: SERVICE,
            streamId: keccak256("stream"),
            seq: seq,
            attempt: 0,
            ladderHash: keccak256("ladder"),
            inputHash: keccak256("input"),
            outputHash: keccak256("output"),
            inputPixels: 500_000,
            pixels: 1_000_000,
            fee: 1 gwei,
            balance: -5,
            round: rounds.currentRound()
        });
    }

    function signReceipt(uint256 key, IVerifier.Receipt memory receipt) internal view returns (bytes memory) {
        return _sign(key, challenges.hashReceipt(receipt));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _proxy(address seed) internal returns (address) {
        return address(new ERC1967Proxy(seed, abi.encodeCall(ProxySeed.plant, ())));
    }

    function _install(address proxy, address implementation, bytes memory initialization) internal {
        UUPSUpgradeable(proxy).upgradeToAndCall(implementation, initialization);
    }

    function _grantToken() private {
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (IStreamflowToken.mint.selector, IStreamflowToken.burn.selector);
        manager.setTargetFunctionRole(address(token), selectors, 3);
        manager.grantRole(3, address(staking), 0);
        manager.grantRole(3, address(this), 0);
    }
}
