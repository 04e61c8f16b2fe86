// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {ITicketBroker} from "../src/interfaces/ITicketBroker.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {Grants} from "../src/libraries/Grants.sol";
import {ReceiptHashes} from "../src/libraries/ReceiptHashes.sol";
import {StreamflowDomain} from "../src/libraries/StreamflowDomain.sol";
import {TicketHashes} from "../src/libraries/TicketHashes.sol";

/// @notice What viem signs, the contracts read alike. The same files are read by the SDK's tests.
contract VectorsTest is Test {
    Hashes private hashes = new Hashes();
    string private json;
    bytes32 private separator;

    function test_tickets() public {
        _load("ticket");
        for (uint256 i = 0; vm.keyExistsJson(json, _case(i, "")); ++i) {
            ITicketBroker.Ticket memory ticket = _ticket(i);
            bytes32 digest = _bytes32(i, ".digest");
            assertEq(hashes.ticket(ticket, separator), digest, _string(i, ".name"));
            assertEq(hashes.ticketTwin(ticket, separator), digest);
            bytes memory signature = vm.parseJsonBytes(json, _case(i, ".signature"));
            uint256 rand = _uint(i, ".recipientRand");
            assertEq(keccak256(abi.encode(rand)), ticket.recipientRandHash);
            (address signer, uint256 draw) = hashes.recover(digest, signature, rand);
            assertEq(signer, vm.parseJsonAddress(json, _case(i, ".signer")));
            assertEq(signer, vm.addr(uint256(_bytes32(i, ".privateKey"))));
            assertEq(draw, _uint(i, ".draw"));
            assertEq(draw < ticket.winProb, vm.parseJsonBool(json, _case(i, ".wins")));
        }
        assertTrue(vm.keyExistsJson(json, _case(9, "")), "ten tickets at least");
    }

    function test_malformedSignatures() public {
        _load("ticket");
        bytes32 digest = _bytes32(0, ".digest");
        uint256 rand = _uint(0, ".recipientRand");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, string.concat(".malformedSignatures[", vm.toString(i), "]")); ++i) {
            string memory path = string.concat(".malformedSignatures[", vm.toString(i), "].signature");
            (address signer,) = hashes.recover(digest, vm.parseJsonBytes(json, path), rand);
            assertEq(signer, address(0));
        }
        assertGe(i, 5);
    }

    function test_grants() public {
        _load("grant");
        for (uint256 i = 0; i < 2; ++i) {
            ITicketBroker.SessionGrant memory grant = ITicketBroker.SessionGrant({
                sender: _address(i, "sender"),
                key: _address(i, "key"),
                spendCap: _uint(i, ".message.spendCap"),
                escrowCap: _uint(i, ".message.escrowCap"),
                validUntil: uint64(_uint(i, ".message.validUntil")),
                salt: _bytes32(i, ".message.salt")
            });
            bytes32 digest = _bytes32(i, ".digest");
            assertEq(hashes.grant(grant, separator), digest);
            assertTrue(hashes.isSignedBy(grant.sender, digest, vm.parseJsonBytes(json, _case(i, ".signature"))));
            assertFalse(hashes.isSignedBy(grant.key, digest, vm.parseJsonBytes(json, _case(i, ".signature"))));
        }
    }

    function test_receipts() public {
        _load("receipt");
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 digest = _bytes32(i, ".digest");
            assertEq(hashes.receipt(_receipt(i), separator), digest, _string(i, ".name"));
            _assertSigned(i, digest);
        }
    }

    function test_quotes() public {
        _load("quote");
        bytes32 typeHash = keccak256(
            "Quote(address recipient,address sender,bytes32 serviceId,uint256 pricePerMillionPixels,uint256 pricePerMillionInputPixels,uint256 faceValue,bytes32 seed,bytes32 recipientRandHash,uint32 feeShare,uint256 creationRound,bytes32 creationRoundBlockHash,uint64 validUntil)"
        );
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory head = abi.encode(
                typeHash,
                _address(i, "recipient"),
                _address(i, "sender"),
                _bytes32(i, ".message.serviceId"),
                _uint(i, ".message.pricePerMillionPixels"),
                _uint(i, ".message.pricePerMillionInputPixels"),
                _uint(i, ".message.faceValue"),
                _bytes32(i, ".message.seed")
            );
            bytes memory tail = abi.encode(
                _bytes32(i, ".message.recipientRandHash"),
                _uint(i, ".message.feeShare"),
                _uint(i, ".message.creationRound"),
                _bytes32(i, ".message.creationRoundBlockHash"),
                _uint(i, ".message.validUntil")
            );
            _assertStruct(i, bytes.concat(head, tail));
        }
    }

    function test_statements() public {
        _load("statement");
        bytes32 typeHash = keccak256(
            "Statement(address orchestrator,address broadcaster,bytes32 streamId,uint64 segments,uint64 tickets,uint256 credited,uint256 fees,int256 balance,uint64 issuedAt)"
        );
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory head = abi.encode(
                typeHash,
                _address(i, "orchestrator"),
                _address(i, "broadcaster"),
                _bytes32(i, ".message.streamId"),
                _uint(i, ".message.segments"),
                _uint(i, ".message.tickets")
            );
            bytes memory tail = abi.encode(
                _uint(i, ".message.credited"),
                _uint(i, ".message.fees"),
                vm.parseJsonInt(json, _case(i, ".message.balance")),
                _uint(i, ".message.issuedAt")
            );
            _assertStruct(i, bytes.concat(head, tail));
        }
    }

    /// @dev The assembly of TicketHashes agrees with its twin in plain Solidity, whatever the ticket and the signature.
    function testFuzz_ticketHash_EqualsItsTwin(ITicketBroker.Ticket memory ticket, bytes32 domain) public view {
        assertEq(hashes.ticket(ticket, domain), hashes.ticketTwin(ticket, domain));
    }

    function testFuzz_recover_EqualsItsTwin(uint256 key, bytes32 digest, uint256 rand) public view {
        key = bound(key, 1, type(uint128).max);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes memory signature = abi.encodePacked(r, s, v);
        (address signer, uint256 draw) = hashes.recover(digest, signature, rand);
        assertEq(signer, vm.addr(key));
        (address twinSigner, uint256 twinDraw) = hashes.recoverTwin(digest, signature, rand);
        assertEq(signer, twinSigner);
        assertEq(draw, twinDraw);
    }

    function testFuzz_recover_OfGarbageEqualsItsTwin(bytes32 digest, bytes memory garbage) public view {
        (address signer,) = hashes.recover(digest, garbage, 1);
        (address twinSigner,) = hashes.recoverTwin(digest, garbage, 1);
        assertEq(signer, twinSigner);
    }

    function _load(string memory name) private {
        json = vm.readFile(string.concat("../test/vectors/", name, ".json"));
        vm.chainId(vm.parseJsonUint(json, ".domain.chainId"));
        separator = StreamflowDomain.separator(vm.parseJsonAddress(json, ".domain.verifyingContract"));
        assertEq(separator, vm.parseJsonBytes32(json, ".domainSeparator"));
        assertEq(vm.parseJsonString(json, ".domain.name"), StreamflowDomain.NAME);
        assertEq(vm.parseJsonString(json, ".domain.version"), StreamflowDomain.VERSION);
    }

    function _assertStruct(uint256 i, bytes memory encoded) private view {
        assertEq(keccak256(encoded), _bytes32(i, ".structHash"));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator, keccak256(encoded)));
        assertEq(digest, _bytes32(i, ".digest"));
        _assertSigned(i, digest);
    }

    function _assertSigned(uint256 i, bytes32 digest) private view {
        (address signer,) = hashes.recover(digest, vm.parseJsonBytes(json, _case(i, ".signature")), 0);
        assertEq(signer, vm.parseJsonAddress(json, _case(i, ".signer")));
    }

    function _ticket(uint256 i) private view returns (ITicketBroker.Ticket memory) {
        return ITicketBroker.Ticket({
            recipient: _address(i, "recipient"),
            sender: _address(i, "sender"),
            grant: _bytes32(i, ".message.grant"),
            faceValue: _uint(i, ".message.faceValue"),
            winProb: _uint(i, ".message.winProb"),
            nonce: _uint(i, ".message.nonce"),
            recipientRandHash: _bytes32(i, ".message.recipientRandHash"),
            creationRound: _uint(i, ".message.creationRound"),
            creationRoundBlockHash: _bytes32(i, ".message.creationRoundBlockHash"),
            feeShare: uint32(_uint(i, ".message.feeShare"))
        });
    }

    function _receipt(uint256 i) private view returns (IVerifier.Receipt memory) {
        return IVerifier.Receipt({
            orchestrator: _address(i, "orchestrator"),
            broadcaster: _address(i, "broadcaster"),
            serviceId: _bytes32(i, ".message.serviceId"),
            streamId: _bytes32(i, ".message.streamId"),
            seq: uint64(_uint(i, ".message.seq")),
            attempt: uint32(_uint(i, ".message.attempt")),
            ladderHash: _bytes32(i, ".message.ladderHash"),
            inputHash: _bytes32(i, ".message.inputHash"),
            outputHash: _bytes32(i, ".message.outputHash"),
            inputPixels: _uint(i, ".message.inputPixels"),
            pixels: _uint(i, ".message.pixels"),
            fee: _uint(i, ".message.fee"),
            balance: vm.parseJsonInt(json, _case(i, ".message.balance")),
            round: _uint(i, ".message.round")
        });
    }

    function _case(uint256 i, string memory path) private pure returns (string memory) {
        return string.concat(".cases[", vm.toString(i), "]", path);
    }

    function _uint(uint256 i, string memory path) private view returns (uint256) {
        return vm.parseJsonUint(json, _case(i, path));
    }

    function _bytes32(uint256 i, string memory path) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, _case(i, path));
    }

    function _address(uint256 i, string memory field) private view returns (address) {
        return vm.parseJsonAddress(json, _case(i, string.concat(".message.", field)));
    }

    function _string(uint256 i, string memory path) private view returns (string memory) {
        return vm.parseJsonString(json, _case(i, path));
    }
}

/// @notice The libraries, called from outside; and their assembly's twins in plain Solidity.
contract Hashes {
    function ticket(ITicketBroker.Ticket calldata value, bytes32 separator) external pure returns (bytes32) {
        return TicketHashes.hashTicket(value, separator);
    }

    function ticketTwin(ITicketBroker.Ticket calldata value, bytes32 separator) external pure returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(TicketHashes.TICKET_TYPEHASH, value));
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function recover(bytes32 digest, bytes calldata signature, uint256 rand)
        external
        pure
        returns (address signer, uint256 draw)
    {
        return TicketHashes.recover(digest, signature, rand);
    }

    function recoverTwin(bytes32 digest, bytes calldata signature, uint256 rand)
        external
        pure
        returns (address signer, uint256 draw)
    {
        if (signature.length != 65) return (address(0), 0);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        draw = uint256(keccak256(abi.encodePacked(signature[0:64], rand)));
        if (uint256(s) > 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0) return (address(0), draw);
        if (v != 27 && v != 28) return (address(0), draw);
        signer = ecrecover(digest, v, bytes32(signature[0:32]), s);
    }

    function grant(ITicketBroker.SessionGrant calldata value, bytes32 separator) external pure returns (bytes32) {
        return TicketHashes.hashGrant(value, separator);
    }

    function receipt(IVerifier.Receipt calldata value, bytes32 separator) external pure returns (bytes32) {
        return ReceiptHashes.hashReceipt(value, separator);
    }

    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Grants.isSignedBy(signer, digest, signature);
    }
}
