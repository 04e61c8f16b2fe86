// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {RoundSchedule} from "./libraries/RoundSchedule.sol";
import {Steps} from "./libraries/Steps.sol";

/// @title Rounds
/// @notice The protocol's clock; see {IRounds}.
/// @dev Does not use its pause: exits are counted in rounds, so rounds must go on.
contract Rounds is IRounds, Governed {
    using RoundSchedule for RoundSchedule.Era[];

    /// @custom:storage-location erc7201:streamflow.storage.Rounds
    struct RoundsStorage {
        RoundSchedule.Era[] eras;
        mapping(uint256 round => bytes32 blockHash) blockHashes;
        uint64 lastInitializedRound;
    }

    /// @notice Shortest round, in seconds: long enough for a block to be built in it on any chain in use.
    uint256 public constant MINIMUM_LENGTH = 30;
    /// @notice Longest round, in seconds.
    uint256 public constant MAXIMUM_LENGTH = 30 days;

    // keccak256(abi.encode(uint256(keccak256("streamflow.storage.Rounds")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xa113d81ed24e792b885d4995468b6621f3365a688d6b7e297351fd4cd931e500;

    /// @notice Starts the clock: round 1 begins with this block.
    /// @param authority the AccessManager
    /// @param length seconds of a round
    function initialize(address authority, uint256 length) external initializer {
        __Governed_init(authority);
        _checkLength(length);
        _storage().eras.begin(block.timestamp, length);
    }

    /// @inheritdoc IRounds
    function initializeRound() external {
        RoundsStorage storage $ = _storage();
        (uint256 round,,) = $.eras.roundAt(block.timestamp);
        if ($.lastInitializedRound == round) revert RoundsAlreadyInitialized(round);
        bytes32 blockHash = blockhash(block.number - 1);
        if (blockHash == 0) revert RoundsBlockHashUnavailable(block.number - 1);
        $.lastInitializedRound = uint64(round);
        $.blockHashes[round] = blockHash;
        emit RoundInitialized(round, blockHash, msg.sender);
    }

    /// @inheritdoc IRounds
    function setRoundLength(uint256 newLength) external restricted {
        _checkLength(newLength);
        RoundsStorage storage $ = _storage();
        (, uint256 start, uint256 end) = $.eras.roundAt(block.timestamp);
        // Measured against the round that runs, which a change does not touch: so at most one step a round, however often called.
        if (!Steps.isStep(end - start, newLength)) revert RoundsStepTooLarge(end - start, newLength);
        uint256 effectiveRound = $.eras.changeLength(block.timestamp, newLength);
        emit RoundLengthChanged(end - start, newLength, effectiveRound);
    }

    /// @inheritdoc IRounds
    function currentRound() external view returns (uint256 round) {
        (round,,) = _storage().eras.roundAt(block.timestamp);
    }

    /// @inheritdoc IRounds
    function currentRoundState() external view returns (uint256 round, uint256 start, uint256 end) {
        return _storage().eras.roundAt(block.timestamp);
    }

    /// @inheritdoc IRounds
    function currentRoundInitialized() external view returns (bool) {
        RoundsStorage storage $ = _storage();
        (uint256 round,,) = $.eras.roundAt(block.timestamp);
        return $.lastInitializedRound == round;
    }

    /// @inheritdoc IRounds
    function lastInitializedRound() external view returns (uint256) {
        return _storage().lastInitializedRound;
    }

    /// @inheritdoc IRounds
    function blockHashForRound(uint256 round) external view returns (bytes32) {
        return _storage().blockHashes[round];
    }

    /// @inheritdoc IRounds
    function roundStart(uint256 round) external view returns (uint256) {
        if (round == 0) revert RoundsUnknownRound(round);
        return _storage().eras.startOf(round);
    }

    /// @inheritdoc IRounds
    function roundLength() external view returns (uint256) {
        (, uint256 start, uint256 end) = _storage().eras.roundAt(block.timestamp);
        return end - start;
    }

    function _checkLength(uint256 length) private pure {
        if (length < MINIMUM_LENGTH || length > MAXIMUM_LENGTH) {
            revert RoundsInvalidLength(length, MINIMUM_LENGTH, MAXIMUM_LENGTH);
        }
    }

    function _storage() private pure returns (RoundsStorage storage $) {
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            $.slot := STORAGE_SLOT
        }
    }
}
