// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
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
        emit IServiceRegistry.ServicesChanged(alice, new bytes32[](0), _services(TRANSCODING));
        vm.expectEmit(address(registry));
        emit IServiceRegistry.RegionsChanged(alice, new bytes32[](0), _regions("eu-west"));
        _register(alice, "https://alice");
        IServiceRegistry.Entry memory entry = registry.entry(alice);
        assertEq(entry.orchestrator, alice);
        assertEq(entry.uri, "https://alice");
        assertEq(entry.services.length, 1);
        assertEq(entry.services[0], TRANSCODING);
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
        registry.register("https://new", _services(VERIFICATION), _regions("us-east"));
        IServiceRegistry.Entry memory entry = registry.entry(alice);
        assertEq(entry.uri, "https://new");
        assertEq(entry.services.length, 1);
        assertEq(entry.services[0], VERIFICATION);
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
        bytes32[] memory services = _manyServices(17);
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
        registry.register("u", _services(TRANSCODING), regions);
    }

    function test_register_RevertsWhen_AServiceOrRegionIsZeroOrNamedTwice() public {
        bytes32[] memory services = new bytes32[](2);
        services[0] = TRANSCODING;
        services[1] = TRANSCODING;
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, TRANSCODING));
        registry.register("u", services, _regions("r"));
        services[1] = 0;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, bytes32(0)));
        registry.register("u", services, _regions("r"));
        bytes32[] memory regions = new bytes32[](2);
        (regions[0], regions[1]) = ("r", "r");
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, bytes32("r")));
        registry.register("u", _services(TRANSCODING), regions);
        regions[1] = 0;
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, bytes32(0)));
        registry.register("u", _services(TRANSCODING), regions);
        vm.stopPrank();
    }

    function test_setters_ChangeOnePartOfTheCallersEntry() public {
        _register(alice, "https://alice");
        _register(bob, "https://bob");
        vm.startPrank(alice);
        registry.setServiceURI("https://moved");
        registry.setRegions(_regions("ap"));
        registry.setServices(_services(VERIFICATION));
        vm.stopPrank();
        IServiceRegistry.Entry memory entry = registry.entry(alice);
        assertEq(entry.uri, "https://moved");
        assertEq(entry.regions[0], "ap");
        assertEq(entry.services[0], VERIFICATION);
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
        registry.setServices(_services(TRANSCODING));
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
        registry.setServices(_services(TRANSCODING));
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

    function test_prune_RemovesWhoIsInactiveForWantOfItsOwnStake() public {
        _register(alice, "https://alice");
        vm.mockCall(address(staking), abi.encodeCall(staking.isActiveAt, (alice, 2)), abi.encode(false));
        registry.prune(alice);
        assertEq(registry.count(), 0);
    }

    function test_entries_PagesCoverEveryEntryOnce() public {
        _register(alice, "a");
        _register(bob, "b");
        _register(carol, "c");
        (IServiceRegistry.Entry[] memory page, uint256 next) = registry.entries(0, 2);
        assertEq(page.length, 2);
        assertEq(next, 1);
        assertEq(page[0].uri, "c");
        assertEq(page[1].uri, "b");
        (page, next) = registry.entries(next, 2);
        assertEq(page.length, 1);
        assertEq(next, 0);
        assertEq(page[0].uri, "a");
        (page, next) = registry.entries(9, type(uint256).max);
        assertEq(page.length, 3);
        assertEq(next, 0);
        address[] memory two = new address[](2);
        (two[0], two[1]) = (bob, alice);
        page = registry.entriesOf(two);
        assertEq(page[0].uri, "b");
        assertEq(page[1].uri, "a");
    }

    /// @dev Whoever fills a gap comes from the part that was read already.
    function test_entries_ARemovalBetweenTwoPagesHidesNobody() public {
        _register(alice, "a");
        _register(bob, "b");
        _register(carol, "c");
        (IServiceRegistry.Entry[] memory page, uint256 next) = registry.entries(0, 1);
        assertEq(page[0].uri, "c");
        vm.prank(alice);
        registry.unregister();
        (page, next) = registry.entries(next, 5);
        bool seen = false;
        for (uint256 i = 0; i < page.length; ++i) {
            if (page[i].orchestrator == bob) seen = true;
        }
        assertTrue(seen);
    }

    function test_rows_ShowBitsStakeSignerAndVersion() public {
        _list();
        _register(alice, "a");
        vm.prank(alice);
        registry.setSigner(judge);
        (IServiceRegistry.Row[] memory rows, uint256 next) = registry.rows(0, 10, _all());
        assertEq(next, 0);
        assertEq(rows.length, 1);
        assertEq(rows[0].orchestrator, alice);
        assertEq(rows[0].signer, judge);
        assertEq(rows[0].version, 2);
        assertEq(rows[0].services, 1);
        assertEq(rows[0].regions, 2);
        assertEq(rows[0].activeStake, 200 ether);
        (bytes32[] memory services, bytes32[] memory regions) = registry.listed();
        assertEq(services[registry.serviceBit(VERIFICATION) - 1], VERIFICATION);
        assertEq(regions[registry.regionBit("eu-west") - 1], bytes32("eu-west"));
    }

    function test_rows_PassOnlyWhatTheFilterWants() public {
        _list();
        _register(alice, "a");
        vm.prank(bob);
        registry.register("b", _services(VERIFICATION), _regions("us-east"));
        _register(carol, "c");
        staking.setStake(carol, 50 ether);
        IServiceRegistry.Filter memory filter = _all();
        filter.services = 1;
        assertEq(_count(filter), 2);
        filter.activeStake = 1;
        assertEq(_count(filter), 1, "carol is not active");
        filter = _all();
        filter.regions = 1;
        assertEq(_count(filter), 1);
        filter.regions = 3;
        assertEq(_count(filter), 3);
        filter.services = 3;
        assertEq(_count(filter), 0, "nobody offers both");
    }

    function test_refresh_GivesBitsToWhoRegisteredBeforeTheListing() public {
        _register(alice, "a");
        _list();
        IServiceRegistry.Filter memory filter = _all();
        filter.services = 1;
        assertEq(_count(filter), 0);
        registry.refresh(alice);
        assertEq(_count(filter), 1);
    }

    function test_list_RevertsWhen_ListedAlreadyOrTooManyOrWithoutTheRole() public {
        _list();
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidItem.selector, TRANSCODING));
        registry.list(_services(TRANSCODING), new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryTooMany.selector, 129, 128));
        registry.list(_manyServices(127), new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, bob));
        vm.prank(bob);
        registry.list(_services("x"), new bytes32[](0));
    }

    function test_describeService_PublishesWhatAnIdIsTheHashOf() public {
        vm.expectEmit(address(registry));
        emit IServiceRegistry.ServiceDescribed(keccak256("H264 1080p to 720p"), "H264 1080p to 720p");
        assertEq(registry.describeService("H264 1080p to 720p"), keccak256("H264 1080p to 720p"));
    }

    function test_judgement_FirstAtOnceThenWithTheNextRoundAndThePastIsKept() public {
        registry.setJudgement(TRANSCODING, _judgement(judge));
        assertEq(registry.judgementAt(TRANSCODING, 1).verifier, judge);
        address friend = makeAddr("friend");
        vm.expectEmit(address(registry));
        emit IServiceRegistry.JudgementChanged(TRANSCODING, _judgement(judge), _judgement(friend), 2);
        registry.setJudgement(TRANSCODING, _judgement(friend));
        assertEq(registry.judgementAt(TRANSCODING, 1).verifier, judge);
        assertEq(registry.judgementAt(TRANSCODING, 2).verifier, friend);
        assertEq(registry.judgementAt(TRANSCODING, 2).slashRate, 100_000);
        assertEq(registry.judgementAt(TRANSCODING, 2).bountyRate, 250_000);
        registry.setJudgement(TRANSCODING, IServiceRegistry.Judgement(address(0), 0, 0));
        assertEq(registry.judgementAt(TRANSCODING, 2).verifier, address(0));
    }

    function test_setJudgement_RevertsWhen_InvalidOrWithoutTheRole() public {
        IServiceRegistry.Judgement[5] memory wrong = [
            IServiceRegistry.Judgement(judge, 0, 1),
            IServiceRegistry.Judgement(judge, 500_001, 1),
            IServiceRegistry.Judgement(judge, 1, 0),
            IServiceRegistry.Judgement(judge, 1, 1_000_000),
            IServiceRegistry.Judgement(address(0), 1, 1)
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IServiceRegistry.ServiceRegistryInvalidJudgement.selector, TRANSCODING)
            );
            registry.setJudgement(TRANSCODING, wrong[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, bob));
        vm.prank(bob);
        registry.setJudgement(TRANSCODING, _judgement(judge));
    }

    function test_signer_IsTheOrchestratorItselfUntilItNamesAnother() public {
        assertEq(registry.signerOf(alice), alice);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.SignerChanged(alice, address(0), bob, 1);
        vm.prank(alice);
        registry.setSigner(bob);
        assertEq(registry.signerOf(alice), bob);
        assertTrue(registry.isSignerAt(alice, bob, 1));
        assertFalse(registry.isSignerAt(alice, bob, 0));
        assertTrue(registry.isSignerAt(alice, alice, 1), "its own account stays liable");
        assertFalse(registry.isSignerAt(bob, alice, 1));
    }

    function test_signer_RevokedAtOnceButKeptInThePast() public {
        vm.prank(alice);
        registry.setSigner(bob);
        nextRounds(2);
        registry.pause();
        vm.prank(alice);
        registry.setSigner(address(0));
        assertEq(registry.signerOf(alice), alice);
        assertTrue(registry.isSignerAt(alice, bob, 3), "it signed in this round");
        assertFalse(registry.isSignerAt(alice, bob, 4));
        assertTrue(registry.isSignerAt(alice, bob, 2));
    }

    /// @dev Else a key could sign, be replaced and come back with a gap in which it never signed.
    function test_setSigner_RevertsWhen_TheKeyServedBefore() public {
        vm.startPrank(alice);
        registry.setSigner(bob);
        registry.setSigner(carol);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistrySignerUsed.selector, alice, bob));
        registry.setSigner(bob);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistrySignerUsed.selector, alice, alice));
        registry.setSigner(alice);
        vm.stopPrank();
        assertTrue(registry.isSignerAt(alice, bob, 1), "however short it served");
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

    function _list() private {
        bytes32[] memory services = new bytes32[](2);
        (services[0], services[1]) = (TRANSCODING, VERIFICATION);
        bytes32[] memory regions = new bytes32[](2);
        (regions[0], regions[1]) = ("us-east", "eu-west");
        registry.list(services, regions);
    }

    function _all() private pure returns (IServiceRegistry.Filter memory) {
        return IServiceRegistry.Filter(0, 0, 0);
    }

    function _count(IServiceRegistry.Filter memory filter) private view returns (uint256) {
        (IServiceRegistry.Row[] memory rows,) = registry.rows(0, 100, filter);
        return rows.length;
    }

    function _judgement(address verifier) private pure returns (IServiceRegistry.Judgement memory) {
        return IServiceRegistry.Judgement(verifier, 100_000, 250_000);
    }

    function _register(address who, string memory uri) private {
        vm.prank(who);
        registry.register(uri, _services(TRANSCODING), _regions("eu-west"));
    }

    function _services(bytes32 id) private pure returns (bytes32[] memory services) {
        services = new bytes32[](1);
        services[0] = id;
    }

    function _manyServices(uint256 number) private pure returns (bytes32[] memory services) {
        services = new bytes32[](number);
        for (uint256 i = 0; i < number; ++i) {
            services[i] = bytes32(i + 1);
        }
    }

    function _regions(bytes32 region) private pure returns (bytes32[] memory regions) {
        regions = new bytes32[](1);
        regions[0] = region;
    }
}
