// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ProxySeed} from "../../src/ProxySeed.sol";
import {Rounds} from "../../src/Rounds.sol";
import {ServiceRegistry} from "../../src/ServiceRegistry.sol";
import {TicketBroker} from "../../src/TicketBroker.sol";
import {StakingDouble} from "./StakingDouble.sol";
import {RoundsFixture} from "./RoundsFixture.sol";

/// @notice Rounds, registry and broker behind proxies, as a deployment makes them, beside a staking double.
abstract contract Fixture is RoundsFixture {
    uint256 internal constant ROUND_LENGTH = 600;
    uint256 internal constant VALIDITY = 2;
    uint256 internal constant UNLOCK = 2;
    uint32 internal constant BURN_SHARE = 500_000;

    AccessManager internal manager;
    StakingDouble internal staking;
    TicketBroker internal broker;
    ServiceRegistry internal registry;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1_000);
        manager = new AccessManager(address(this));
        staking = new StakingDouble();
        address seed = _seed();
        rounds = Rounds(_proxy(seed));
        broker = TicketBroker(_proxy(seed));
        registry = ServiceRegistry(_proxy(seed));
        _install(
            address(rounds),
            address(new Rounds()),
            abi.encodeCall(Rounds.initialize, (address(manager), ROUND_LENGTH))
        );
        _install(
            address(broker),
            address(new TicketBroker(address(rounds), address(staking), address(registry))),
            abi.encodeCall(TicketBroker.initialize, (address(manager), VALIDITY, UNLOCK, BURN_SHARE))
        );
        _install(
            address(registry),
            address(new ServiceRegistry(address(staking), address(rounds))),
            abi.encodeCall(ServiceRegistry.initialize, (address(manager)))
        );
        rounds.initializeRound();
    }

    function _seed() internal returns (address) {
        return address(new ProxySeed());
    }

    function _proxy(address seed) internal returns (address) {
        return address(new ERC1967Proxy(seed, abi.encodeCall(ProxySeed.plant, ())));
    }

    function _install(address proxy, address implementation, bytes memory initialization) internal {
        UUPSUpgradeable(proxy).upgradeToAndCall(implementation, initialization);
    }
}
