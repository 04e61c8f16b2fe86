// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {IServiceRegistry} from "../src/interfaces/IServiceRegistry.sol";
import {Fixture} from "./helpers/Fixture.sol";

contract ServiceRegistryTest is Fixture {
    bytes32 private constant TRANSCODING = keccak256("Transcoding");
    bytes32 private constant VERIFICATION = keccak256("SegmentVerification");
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    address private carol = makeAddr("carol");
    address private judge = makeAddr("judge");

    function setUp() public override {
        super.setUp();
        staking.setStake(alice, 200 ether);
        staking.setStake(bob, 150 ether);
        staking.setStake(carol, 100 ether);
    }

    function test_register_StoresTheEntryBesideStakeAndCommission() public {
        vm.expectEmit(address(registry));
        emit IServiceRegistry.Registered(alice);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.ServiceURIChanged(alice, "", "https://alice");
        vm.expectEmit(address(registry));
        emit IServiceRegistry.ServicesChanged(alice, new IServiceRegistry.Service[](0), _services(TRANSCODING, judge));
        vm.expectEmit(address(registry));
        emit IServiceRegistry.VerifierChanged(alice, TRANSCODING, address(0), judge, 1);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.RegionsChanged(alice, new bytes32[](0), _regions("eu-west"));
        _register(alice, "https://alice");
        IServiceRegistry.Entry memory entry = registry.entry(alice);
        assertEq(entry.orchestrator, alice);
        assertEq(entry.uri, "https://alice");
        assertEq(entry.services.length, 1);
        assertEq(entry.services[0].id, TRANSCODING);
        assertEq(entry.services[0].verifier, judge);
        assertEq(entry.regions.length, 1);
        assertEq(entry.regions[0], "eu-west");
        assertEq(entry.stake, 200 ether);
        assertTrue(entry.active);
        assertEq(entry.rewardCut, 100_000);
        assertEq(entry.feeShare, 500_000);
        assertEq(registry.count(), 1);
    }

    function test_entry_IsEmptyByDefault() public view {
        IServiceRegistry.Entry memory entry = registry.entry(bob);
        assertEq(entry.orchestrator, bob);
        assertEq(entry.uri, "");
        assertEq(entry.services.length, 0);
        assertEq(entry.stake, 150 ether);
    }

    function test_register_AgainReplacesTheEntry() public {
        _register(alice, "https://alice");
        vm.prank(alice);
        registry.register("https://new", _services(VERIFICATION, address(0)), _regions("us-east"));
        IServiceRegistry.Entry memory entry = registry.entry(alice);
        assertEq(entry.uri, "https://new");
        assertEq(entry.services.length, 1);
        assertEq(entry.services[0].id, VERIFICATION);
        assertEq(entry.regions[0], "us-east");
        assertEq(registry.count(), 1);
    }

    function test_register_RevertsWhen_StakeIsBelowMinimum() public {
        staking.setStake(alice, 100 ether - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IServiceRegistry.ServiceRegistryStakeTooLow.selector, alice, 100 ether - 1, 100 ether
            )
        );
        _register(alice, "https://alice");
    }

    function test_register_RevertsWhen_Paused() public {
        registry.pause();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        _register(alice, "https://alice");
    }

    function test_register_RevertsWhen_UriIsEmptyOrTooLong() public {
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidUri.selector, 0, 256));
        _register(alice, "");
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidUri.selector, 257, 256));
        _register(alice, string(new bytes(257)));
        _register(alice, string(new bytes(256)));
    }

    function test_register_RevertsWhen_TooManyServices() public {
        IServiceRegistry.Service[] memory services = _manyServices(17);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryTooMany.selector, 17, 16));
        registry.register("u", services, _regions("r"));
        services = _manyServices(16);
        vm.prank(alice);
        registry.register("u", services, _regions("r"));
        assertEq(registry.entry(alice).services.length, 16);
    }

    function test_register_RevertsWhen_TooManyRegions() public {
        bytes32[] memory regions = new bytes32[](17);
        for (uint256 i = 0; i < 17; ++i) {
            regions[i] = bytes32(i + 1);
        }
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryTooMany.selector, 17, 16));
        registry.register("u", _services(TRANSCODING, judge), regions);
    }

    function test_register_RevertsWhen_AServiceOrRegionIsZeroOrNamedTwice() public {
        IServiceRegistry.Service[] memory services = new IServiceRegistry.Service[](2);
        services[0].id = TRANSCODING;
        services[1].id = TRANSCODING;
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, TRANSCODING));
        registry.register("u", services, _regions("r"));
        services[1].id = 0;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, bytes32(0)));
        registry.register("u", services, _regions("r"));
        bytes32[] memory regions = new bytes32[](2);
        (regions[0], regions[1]) = ("r", "r");
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, bytes32("r")));
        registry.register("u", _services(TRANSCODING, judge), regions);
        regions[1] = 0;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, bytes32(0)));
        registry.register("u", _services(TRANSCODING, judge), regions);
        vm.stopPrank();
    }

    function test_setters_ChangeOnePartOfTheCallersEntry() public {
        _register(alice, "https://alice");
        _register(bob, "https://bob");
        vm.startPrank(alice);
        registry.setServiceURI("https://moved");
        registry.setRegions(_regions("ap"));
        registry.setServices(_services(VERIFICATION, judge));
        vm.stopPrank();
        IServiceRegistry.Entry memory entry = registry.entry(alice);
        assertEq(entry.uri, "https://moved");
        assertEq(entry.regions[0], "ap");
        assertEq(entry.services[0].id, VERIFICATION);
        assertEq(registry.entry(bob).uri, "https://bob");
    }

    function test_setters_RevertWhen_NotRegistered() public {
        bytes memory expected =
            abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotRegistered.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(expected);
        registry.setServiceURI("u");
        vm.expectRevert(expected);
        registry.setRegions(_regions("r"));
        vm.expectRevert(expected);
        registry.setServices(_services(TRANSCODING, judge));
        vm.expectRevert(expected);
        registry.unregister();
        vm.stopPrank();
    }

    function test_setters_RevertWhen_Paused() public {
        _register(alice, "https://alice");
        registry.pause();
        vm.startPrank(alice);
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        registry.setServiceURI("u");
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        registry.setRegions(_regions("r"));
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        registry.setServices(_services(TRANSCODING, judge));
        vm.stopPrank();
    }

    function test_unregister_WorksWhilePausedAndWithoutStake() public {
        _register(alice, "https://alice");
        _register(bob, "https://bob");
        registry.pause();
        staking.setStake(alice, 0);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.Unregistered(alice, alice);
        vm.prank(alice);
        registry.unregister();
        assertEq(registry.count(), 1);
        assertEq(registry.entry(alice).uri, "");
        (IServiceRegistry.Entry[] memory page,) = registry.entries(0, 10);
        assertEq(page[0].orchestrator, bob);
    }

    function test_prune_RemovesWhoFellBelowTheMinimum() public {
        _register(alice, "https://alice");
        vm.expectRevert(
            abi.encodeWithSelector(
                IServiceRegistry.ServiceRegistryStakeSufficient.selector, alice, 200 ether, 100 ether
            )
        );
        registry.prune(alice);
        staking.setStake(alice, 99 ether);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.Unregistered(alice, bob);
        vm.prank(bob);
        registry.prune(alice);
        assertEq(registry.count(), 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotRegistered.selector, alice));
        registry.prune(alice);
    }

    function test_entries_PagesCoverEveryEntryOnce() public {
        _register(alice, "a");
        _register(bob, "b");
        _register(carol, "c");
        (IServiceRegistry.Entry[] memory page, uint256 next) = registry.entries(0, 2);
        assertEq(page.length, 2);
        assertEq(next, 2);
        assertEq(page[0].uri, "a");
        assertEq(page[1].uri, "b");
        (page, next) = registry.entries(next, 2);
        assertEq(page.length, 1);
        assertEq(next, 0);
        assertEq(page[0].uri, "c");
        (page, next) = registry.entries(3, 2);
        assertEq(page.length, 0);
        assertEq(next, 0);
        (page, next) = registry.entries(0, type(uint256).max);
        assertEq(page.length, 3);
        assertEq(next, 0);
    }

    function test_verifier_ChangesWithTheNextRoundAndThePastIsKept() public {
        _register(alice, "https://alice");
        assertEq(registry.verifierOf(alice, TRANSCODING), judge);
        address friend = makeAddr("friend");
        vm.expectEmit(address(registry));
        emit IServiceRegistry.VerifierChanged(alice, TRANSCODING, judge, friend, 2);
        vm.prank(alice);
        registry.setServices(_services(TRANSCODING, friend));
        assertEq(registry.verifierOf(alice, TRANSCODING), judge);
        nextRound();
        assertEq(registry.verifierOf(alice, TRANSCODING), friend);
        assertEq(registry.verifierAt(alice, TRANSCODING, 1), judge);
        assertEq(registry.verifierAt(alice, TRANSCODING, 2), friend);
    }

    function test_verifier_OfTheRoundStaysWhenTheOrchestratorLeaves() public {
        _register(alice, "https://alice");
        vm.prank(alice);
        registry.unregister();
        assertEq(registry.verifierOf(alice, TRANSCODING), judge);
        nextRound();
        assertEq(registry.verifierOf(alice, TRANSCODING), address(0));
        assertEq(registry.verifierAt(alice, TRANSCODING, 1), judge);
        _register(alice, "https://alice");
        assertEq(registry.verifierOf(alice, TRANSCODING), address(0), "a later verifier counts from the next round");
        nextRound();
        assertEq(registry.verifierOf(alice, TRANSCODING), judge);
    }

    function test_verifier_OfAServiceThatIsDroppedEndsWithTheRound() public {
        _register(alice, "https://alice");
        vm.expectEmit(address(registry));
        emit IServiceRegistry.VerifierChanged(alice, TRANSCODING, judge, address(0), 2);
        vm.prank(alice);
        registry.setServices(_services(VERIFICATION, judge));
        nextRound();
        assertEq(registry.verifierOf(alice, TRANSCODING), address(0));
        assertEq(registry.verifierOf(alice, VERIFICATION), judge);
    }

    function test_verifier_NamedAgainStaysAsItIs() public {
        _register(alice, "https://alice");
        vm.startPrank(alice);
        registry.setServices(_services(TRANSCODING, address(1)));
        registry.setServices(_services(TRANSCODING, address(1)));
        vm.stopPrank();
        assertEq(registry.verifierOf(alice, TRANSCODING), judge);
        nextRound();
        assertEq(registry.verifierOf(alice, TRANSCODING), address(1));
    }

    function test_verifier_LastOfSeveralChangesInARoundCounts() public {
        _register(alice, "https://alice");
        vm.startPrank(alice);
        registry.setServices(_services(TRANSCODING, address(1)));
        registry.setServices(_services(TRANSCODING, address(2)));
        vm.stopPrank();
        nextRound();
        assertEq(registry.verifierOf(alice, TRANSCODING), address(2));
        assertEq(registry.verifierAt(alice, TRANSCODING, 1), judge);
    }

    function testFuzz_entries_ListWhoIsRegistered(uint256 seed) public {
        address[8] memory accounts;
        bool[8] memory inside;
        for (uint256 i = 0; i < 8; ++i) {
            accounts[i] = address(uint160(0x1000 + i));
            staking.setStake(accounts[i], 100 ether);
        }
        uint256 expected = 0;
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 who = seed % 8;
            if (inside[who]) {
                vm.prank(accounts[who]);
                registry.unregister();
                --expected;
            } else {
                _register(accounts[who], "u");
                ++expected;
            }
            inside[who] = !inside[who];
        }
        assertEq(registry.count(), expected);
        (IServiceRegistry.Entry[] memory page,) = registry.entries(0, 100);
        assertEq(page.length, expected);
        for (uint256 i = 0; i < page.length; ++i) {
            uint256 who = uint160(page[i].orchestrator) - 0x1000;
            assertTrue(inside[who]);
            inside[who] = false;
        }
    }

    function _register(address who, string memory uri) private {
        vm.prank(who);
        registry.register(uri, _services(TRANSCODING, judge), _regions("eu-west"));
    }

    function _services(bytes32 id, address verifier)
        private
        pure
        returns (IServiceRegistry.Service[] memory services)
    {
        services = new IServiceRegistry.Service[](1);
        services[0] = IServiceRegistry.Service(id, verifier);
    }

    function _manyServices(uint256 number) private pure returns (IServiceRegistry.Service[] memory services) {
        services = new IServiceRegistry.Service[](number);
        for (uint256 i = 0; i < number; ++i) {
            services[i].id = bytes32(i + 1);
        }
    }

    function _regions(bytes32 region) private pure returns (bytes32[] memory regions) {
        regions = new bytes32[](1);
        regions[0] = region;
    }
}
