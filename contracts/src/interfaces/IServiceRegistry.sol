// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IServiceRegistry
/// @notice Where orchestrators say how they are reached, whose signature speaks for them, what they offer and where; and
/// where governance says who judges each service. Prices are negotiated off chain. Stake and commission are shown beside
/// each entry, read live.
/// @dev Only accounts with the minimum stakes may register; whoever has fallen below may be pruned by anyone, so that the
/// pages a browser reads stay worth reading. The signer and the judge of the past are kept: nobody escapes a challenge by
/// renaming either. Pages run from the newest entry to the oldest: an entry that moves into a gap moves towards the
/// reader, who may meet it twice but never misses it.
interface IServiceRegistry {
    /// @notice Who judges a service, and what a guilty verdict costs.
    /// @param verifier contract that judges challenged receipts; zero means the service cannot be slashed for
    /// @param slashRate part of the stake behind a guilty orchestrator that is taken, in ppm
    /// @param bountyRate part of what is taken that the challenger gets, in ppm
    struct Judgement {
        address verifier;
        uint32 slashRate;
        uint32 bountyRate;
    }

    /// @notice What the registry and the stake say of one orchestrator.
    /// @param orchestrator its account, which holds the stake and is paid
    /// @param signer whose signature on quotes and receipts is its own
    /// @param version grows with every change of the entry or the signer
    /// @param uri where it answers, e.g. https://host:port
    /// @param services ids of the services on offer: each the keccak256 of a published description
    /// @param regions ASCII, left-aligned, zero-padded, e.g. "eu-west"
    /// @param stake own and delegated, in token units
    /// @param active whether it takes part in the current round
    /// @param rewardCut share of rewards kept by the orchestrator, parts per million
    /// @param feeShare share of fees given to delegators, parts per million
    struct Entry {
        address orchestrator;
        address signer;
        uint32 version;
        string uri;
        bytes32[] services;
        bytes32[] regions;
        uint256 stake;
        bool active;
        uint32 rewardCut;
        uint32 feeShare;
    }

    /// @notice An entry as the pages show it.
    /// @param services one bit for each listed service on offer, by {serviceBit}
    /// @param regions one bit for each listed region, by {regionBit}
    /// @param activeStake stake with which it takes part in the current round; 0 if it does not
    struct Row {
        address orchestrator;
        address signer;
        uint32 version;
        uint128 services;
        uint96 regions;
        uint256 activeStake;
    }

    /// @notice Which rows a reader wants.
    /// @param services bits of services that must all be on offer
    /// @param regions bits of regions of which one must match; 0 for any
    /// @param activeStake least of it
    struct Filter {
        uint128 services;
        uint96 regions;
        uint256 activeStake;
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
    /// @notice A key that has been a signer of the orchestrator before cannot become it again.
    error ServiceRegistrySignerUsed(address orchestrator, address signer);
    /// @notice A rate is zero or above what it may be, or there is one without a verifier.
    error ServiceRegistryInvalidJudgement(bytes32 serviceId);

    /// @notice An orchestrator registered.
    event Registered(address indexed orchestrator);
    /// @notice An orchestrator left, or was pruned by `caller`.
    event Unregistered(address indexed orchestrator, address indexed caller);
    /// @notice The address under which an orchestrator answers changed.
    event ServiceURIChanged(address indexed orchestrator, string oldUri, string newUri);
    /// @notice The services of an orchestrator changed.
    event ServicesChanged(address indexed orchestrator, bytes32[] oldServices, bytes32[] newServices);
    /// @notice The regions of an orchestrator changed.
    event RegionsChanged(address indexed orchestrator, bytes32[] oldRegions, bytes32[] newRegions);
    /// @notice Another key signs for an orchestrator, at once; `oldSigner` signed until and in `round`.
    event SignerChanged(address indexed orchestrator, address oldSigner, address newSigner, uint256 round);
    /// @notice Somebody published the description of a service.
    event ServiceDescribed(bytes32 indexed serviceId, string description);
    /// @notice A service got a bit in the pages.
    event ServiceListed(bytes32 indexed serviceId, uint256 bit);
    /// @notice A region got a bit in the pages.
    event RegionListed(bytes32 indexed region, uint256 bit);
    /// @notice Who judges a service, and at what rates, will change.
    /// @param effectiveRound first round whose receipts are judged so
    event JudgementChanged(
        bytes32 indexed serviceId, Judgement oldJudgement, Judgement newJudgement, uint256 effectiveRound
    );

    /// @notice Registers the caller, or replaces its whole entry.
    /// @param uri 1 to 256 bytes
    /// @param services up to 16, none twice
    /// @param regions up to 16, none twice
    function register(string calldata uri, bytes32[] calldata services, bytes32[] calldata regions) external;

    /// @notice Changes the URI of the caller's entry.
    function setServiceURI(string calldata uri) external;

    /// @notice Replaces the services of the caller's entry.
    function setServices(bytes32[] calldata services) external;

    /// @notice Replaces the regions of the caller's entry.
    function setRegions(bytes32[] calldata regions) external;

    /// @notice Lets another key sign quotes, receipts and attestations for the caller, at once; zero: the caller's own.
    /// @dev A key is appointed once: with the rounds it served in it stays liable for what it signed. Works while paused,
    /// because it is also how a stolen key is taken out of use.
    function setSigner(address signer) external;

    /// @notice Removes the caller's entry. Works while paused.
    function unregister() external;

    /// @notice Removes the entry of an orchestrator whose own or whole stake is below the minimum. Anyone may call.
    function prune(address orchestrator) external;

    /// @notice Gives the bits of an entry that was made before its services or regions were listed. Anyone may call.
    function refresh(address orchestrator) external;

    /// @notice Publishes the description of a service. Anyone may call.
    /// @return serviceId keccak256 of the description
    function describeService(string calldata description) external returns (bytes32 serviceId);

    /// @notice Gives services and regions bits in the pages. Governor only.
    function list(bytes32[] calldata services, bytes32[] calldata regions) external;

    /// @notice Says who judges a service, at once if nobody ever did, else from the next round on. Governor only.
    function setJudgement(bytes32 serviceId, Judgement calldata judgement) external;

    /// @notice The entry of one orchestrator; empty URI if it has none.
    function entry(address orchestrator) external view returns (Entry memory);

    /// @notice Entries of several orchestrators.
    function entriesOf(address[] calldata orchestrators) external view returns (Entry[] memory);

    /// @notice A page of entries, from the newest to the oldest.
    /// @param cursor 0 to begin, then the `nextCursor` of the page before
    /// @param limit at most so many entries
    /// @return page up to `limit` entries
    /// @return nextCursor 0 when there are no more
    function entries(uint256 cursor, uint256 limit) external view returns (Entry[] memory page, uint256 nextCursor);

    /// @notice A page of compact rows, from the newest to the oldest: 2,000 of them stay below 50 million gas.
    /// @param cursor 0 to begin, then the `nextCursor` of the page before
    /// @param limit looks at so many entries at most
    /// @return rows those of them that pass the filter
    /// @return nextCursor 0 when there are no more
    function rows(uint256 cursor, uint256 limit, Filter calldata filter)
        external
        view
        returns (Row[] memory rows, uint256 nextCursor);

    /// @notice How many orchestrators are registered.
    function count() external view returns (uint256);

    /// @notice Whose signature is that of an orchestrator now: its own until it names another.
    function signerOf(address orchestrator) external view returns (address);

    /// @notice Whether an account signed for an orchestrator in a round. Its own account always may.
    function isSignerAt(address orchestrator, address account, uint256 round) external view returns (bool);

    /// @notice Who judges receipts of a given round, and at what rates; all zero if nobody does.
    function judgementAt(bytes32 serviceId, uint256 round) external view returns (Judgement memory);

    /// @notice Place of a service's bit, plus one; 0 if it has none.
    function serviceBit(bytes32 serviceId) external view returns (uint256);

    /// @notice Place of a region's bit, plus one; 0 if it has none.
    function regionBit(bytes32 region) external view returns (uint256);

    /// @notice Services and regions in the order of their bits.
    function listed() external view returns (bytes32[] memory services, bytes32[] memory regions);
}
