// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {Broadcasters} from "./Broadcasters.sol";

/// @notice Orchestrators come to the registry, change what they offer, leave and are pruned; a note of who is there is kept beside it.
abstract contract Registrants is Broadcasters {
    uint256 private constant PAGE = 2;

    mapping(address orchestrator => bool) public isRegistered;
    uint256 public registered;

    function register(uint256 who, uint256 seed) external harmless(address(0)) {
        address account = _orchestrator(who);
        vm.prank(account);
        system.registry.register("https://orchestrator.example", _some(seed), _some(seed >> 128));
        _note(account, true);
    }

    function offer(uint256 who, uint256 seed) external harmless(address(0)) {
        vm.prank(_orchestrator(who));
        system.registry.setServices(_some(seed));
        vm.prank(_orchestrator(who));
        system.registry.setRegions(_some(seed >> 128));
    }

    function unregister(uint256 who) external harmless(address(0)) {
        vm.prank(_orchestrator(who));
        system.registry.unregister();
        _note(_orchestrator(who), false);
    }

    /// @dev By anybody; only of one whose stakes are too low for the round to come.
    function prune(uint256 who) external harmless(address(0)) {
        address account = _orchestrator(who);
        bool mayStay = system.staking.isActiveAt(account, system.rounds.currentRound() + 1);
        system.registry.prune(account);
        _note(account, false);
        if (mayStay) violation = "an entry with enough stake was pruned";
    }

    /// @dev What is listed gets a bit; entries have it once they are renewed.
    function list(uint256 which, uint256 who) external harmless(address(0)) {
        bytes32[] memory items = new bytes32[](1);
        items[0] = _item(which);
        system.registry.list(items, items);
        system.registry.refresh(_orchestrator(who));
    }

    /// @dev Whether reading page by page finds everybody who is registered, once, and nobody else.
    function pagesAreWhole() external view returns (bool) {
        uint256 seen = 0;
        uint256 cursor = 0;
        do {
            IServiceRegistry.Entry[] memory page;
            (page, cursor) = system.registry.entries(cursor, PAGE);
            for (uint256 i = 0; i < page.length; ++i) {
                if (!isRegistered[page[i].orchestrator]) return false;
                seen += 1;
            }
        } while (cursor != 0);
        return seen == registered && seen == system.registry.count();
    }

    function _noteRegistered() internal {
        for (uint256 i = 0; i < ORCHESTRATORS; ++i) {
            _note(accounts[i], true);
        }
    }

    function _note(address account, bool there) private {
        if (isRegistered[account] == there) return;
        isRegistered[account] = there;
        registered = there ? registered + 1 : registered - 1;
    }

    function _item(uint256 which) private pure returns (bytes32) {
        return bytes32(which % 4 + 1);
    }

    function _some(uint256 seed) private view returns (bytes32[] memory items) {
        items = new bytes32[](2);
        items[0] = system.service;
        items[1] = _item(seed);
    }
}
