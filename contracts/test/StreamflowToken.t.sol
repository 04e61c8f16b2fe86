// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IStreamflowToken} from "../src/interfaces/IStreamflowToken.sol";
import {StakingFixture} from "./helpers/StakingFixture.sol";

contract StreamflowTokenTest is StakingFixture {
    function test_mint_RevertsWhen_CallerHasNoRole() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        token.mint(alice, 1);
    }

    function test_burn_RevertsWhen_CallerHasNoRole() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        token.burn(1);
    }

    function test_mint_UpToTheCap() public {
        uint256 left = token.cap() - token.totalSupply();
        vm.expectRevert(
            abi.encodeWithSelector(
                IStreamflowToken.StreamflowTokenCapExceeded.selector, token.totalSupply(), left + 1, token.cap()
            )
        );
        token.mint(alice, left + 1);
        token.mint(alice, left);
        assertEq(token.totalSupply(), token.cap());
    }

    function test_burn_TakesFromTheCaller() public {
        uint256 before = token.balanceOf(address(this));
        token.burn(1 ether);
        assertEq(token.balanceOf(address(this)), before - 1 ether);
    }

    function test_permit_ApprovesBySignature() public {
        (address owner, uint256 key) = makeAddrAndKey("owner");
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                address(staking),
                5 ether,
                token.nonces(owner),
                block.timestamp
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        token.permit(owner, address(staking), 5 ether, block.timestamp, v, r, s);
        assertEq(token.allowance(owner, address(staking)), 5 ether);
        assertEq(token.nonces(owner), 1);
    }
}
