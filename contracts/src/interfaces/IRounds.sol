// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IRounds
/// @notice The protocol's clock. Time is cut into rounds of equal length; whoever calls first in a round initializes it,
/// which fixes a block hash that nobody could know before, so that no ticket can be dated into the future.
/// @dev Rounds are numbered from 1; 0 means "no round". A change of length takes effect with the next round: the start
/// and end of the current round, once read, never change, and a round's number never jumps. Nothing here can be paused:
/// exits are counted in rounds.
interface IRounds {
    /// @notice A round that has been initialized already cannot be initialized again.
    error RoundsAlreadyInitialized(uint256 round);
    /// @notice The chain gave no hash for the block before this one.
    error RoundsBlockHashUnavailable(uint256 blockNumber);
    /// @notice A round must last at least `minimum` and at most `maximum` seconds.
    error RoundsInvalidLength(uint256 length, uint256 minimum, uint256 maximum);
    /// @notice In one step the length of rounds at most doubles or halves.
    error RoundsStepTooLarge(uint256 from, uint256 to);
    /// @notice Rounds are numbered from 1.
    error RoundsUnknownRound(uint256 round);

    /// @notice A round was initialized.
    /// @param round its number
    /// @param blockHash hash of the block before the initializing one
    /// @param initializer who called
    event RoundInitialized(uint256 indexed round, bytes32 blockHash, address indexed initializer);
    /// @notice The length of rounds will change.
    /// @param oldLength seconds, in force until the end of the round before `effectiveRound`
    /// @param newLength seconds
    /// @param effectiveRound first round of the new length
    event RoundLengthChanged(uint256 oldLength, uint256 newLength, uint256 indexed effectiveRound);

    /// @notice Initializes the current round: stores the hash of the previous block for it. Anyone may call.
    function initializeRound() external;

    /// @notice Changes the length of rounds, beginning with the next round. Governor only.
    /// @param newLength seconds, between `MINIMUM_LENGTH` and `MAXIMUM_LENGTH`, and between half and twice the current round's
    function setRoundLength(uint256 newLength) external;

    /// @notice Number of the current round; grows with time whether or not anyone initializes.
    function currentRound() external view returns (uint256);

    /// @notice The current round and its bounds, in one call.
    /// @return round its number
    /// @return start unix seconds, inclusive
    /// @return end unix seconds, exclusive; final from the moment the round begins
    function currentRoundState() external view returns (uint256 round, uint256 start, uint256 end);

    /// @notice Whether the current round has been initialized.
    function currentRoundInitialized() external view returns (bool);

    /// @notice Number of the round that was initialized last; 0 if none was.
    function lastInitializedRound() external view returns (uint256);

    /// @notice The block hash fixed when a round was initialized.
    /// @param round any round
    /// @return the hash; zero if the round was never initialized
    function blockHashForRound(uint256 round) external view returns (bytes32);

    /// @notice When a round starts (or, for a round to come, would start if the length stays as announced).
    /// @param round from 1
    /// @return unix seconds
    function roundStart(uint256 round) external view returns (uint256);

    /// @notice Length of the current round in seconds.
    function roundLength() external view returns (uint256);
}
