// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IServiceRegistry
/// @notice Where orchestrators say how they are reached and what they offer: address, services with the function that
/// verifies each, regions. Prices are negotiated off chain. Stake and commission are shown beside each entry, read live.
/// @dev Only accounts with the minimum stake may register; whoever has fallen below may be pruned by anyone, so that the
/// pages a browser reads stay worth reading. A change of a verifier takes effect with the next round and the past is
/// kept: nobody escapes a challenge by renaming its judge.
interface IServiceRegistry {
    /// @notice One service on offer.
    /// @param id keccak256 of the service's name, e.g. of "Transcoding"
    /// @param verifier contract that judges challenged receipts; zero means the service cannot be slashed for
    struct Service {
        bytes32 id;
        address verifier;
    }

    /// @notice What the registry and the stake say of one orchestrator.
    /// @param orchestrator its account
    /// @param uri where it answers, e.g. https://host:port
    /// @param services services on offer
    /// @param regions ASCII, left-aligned, zero-padded, e.g. "eu-west"
    /// @param stake own and delegated, in token units
    /// @param active whether it takes part in the current round
    /// @param rewardCut share of rewards kept by the orchestrator, parts per million
    /// @param feeShare share of fees given to delegators, parts per million
    struct Entry {
        address orchestrator;
        string uri;
        Service[] services;
        bytes32[] regions;
        uint256 stake;
        bool active;
        uint32 rewardCut;
        uint32 feeShare;
    }

    /// @notice The caller has no entry.
    error ServiceRegistryNotRegistered(address orchestrator);
    /// @notice The caller's stake is below the network's minimum.
    error ServiceRegistryStakeTooLow(address orchestrator, uint256 stake, uint256 minimumStake);
    /// @notice Only entries whose stake is below the minimum can be pruned.
    error ServiceRegistryStakeSufficient(address orchestrator, uint256 stake, uint256 minimumStake);
    /// @notice The URI is empty or longer than `maximum` bytes.
    error ServiceRegistryInvalidUri(uint256 length, uint256 maximum);
    /// @notice More than `maximum` services or regions.
    error ServiceRegistryTooMany(uint256 given, uint256 maximum);
    /// @notice A service or region is empty or named twice.
    error ServiceRegistryInvalidItem(bytes32 item);

    /// @notice An orchestrator registered.
    event Registered(address indexed orchestrator);
    /// @notice An orchestrator left, or was pruned by `caller`.
    event Unregistered(address indexed orchestrator, address indexed caller);
    /// @notice The address under which an orchestrator answers changed.
    event ServiceURIChanged(address indexed orchestrator, string oldUri, string newUri);
    /// @notice The services of an orchestrator changed.
    event ServicesChanged(address indexed orchestrator, Service[] oldServices, Service[] newServices);
    /// @notice The regions of an orchestrator changed.
    event RegionsChanged(address indexed orchestrator, bytes32[] oldRegions, bytes32[] newRegions);
    /// @notice The verifier of one service will change.
    /// @param effectiveRound first round in which `newVerifier` judges
    event VerifierChanged(
        address indexed orchestrator,
        bytes32 indexed serviceId,
        address oldVerifier,
        address newVerifier,
        uint256 effectiveRound
    );

    /// @notice Registers the caller, or replaces its whole entry.
    /// @param uri 1 to 256 bytes
    /// @param services up to 16, none twice
    /// @param regions up to 16, none twice
    function register(string calldata uri, Service[] calldata services, bytes32[] calldata regions) external;

    /// @notice Changes the URI of the caller's entry.
    function setServiceURI(string calldata uri) external;

    /// @notice Replaces the services of the caller's entry.
    function setServices(Service[] calldata services) external;

    /// @notice Replaces the regions of the caller's entry.
    function setRegions(bytes32[] calldata regions) external;

    /// @notice Removes the caller's entry. Works while paused.
    function unregister() external;

    /// @notice Removes the entry of an orchestrator whose stake is below the minimum. Anyone may call.
    function prune(address orchestrator) external;

    /// @notice The entry of one orchestrator; empty URI if it has none.
    function entry(address orchestrator) external view returns (Entry memory);

    /// @notice A page of entries, in no particular order.
    /// @param cursor 0 to begin, then the `nextCursor` of the page before
    /// @param limit at most so many entries
    /// @return page up to `limit` entries
    /// @return nextCursor 0 when there are no more
    function entries(uint256 cursor, uint256 limit) external view returns (Entry[] memory page, uint256 nextCursor);

    /// @notice How many orchestrators are registered.
    function count() external view returns (uint256);

    /// @notice The contract that judges receipts of the current round; zero if none does.
    function verifierOf(address orchestrator, bytes32 serviceId) external view returns (address);

    /// @notice The contract that judges receipts of a given round; zero if none does.
    function verifierAt(address orchestrator, bytes32 serviceId, uint256 round) external view returns (address);
}
