// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Governed} from "./Governed.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {JudgementHistory} from "./libraries/JudgementHistory.sol";
import {PPM} from "./libraries/Ray.sol";
import {Signers} from "./libraries/Signers.sol";

/// @title ServiceRegistry
/// @notice Where orchestrators say how they are reached and what they offer; see {IServiceRegistry}.
/// @dev Pausing stops {register} and the setters of an entry, not {unregister}, {prune} and {setSigner}.
contract ServiceRegistry is IServiceRegistry, Governed {
    using Checkpoints for Checkpoints.Trace208;
    using JudgementHistory for Checkpoints.Trace208;
    using Signers for Signers.Roll;

    /// @dev What the pages show, in two slots.
    /// @param position place in `orchestrators` plus one; 0 if not registered
    struct Record {
        uint32 position;
        uint32 version;
        uint128 serviceBits;
        uint96 regionBits;
        string uri;
        bytes32[] services;
        bytes32[] regions;
    }

    /// @custom:storage-location erc7201:streamflow.storage.ServiceRegistry
    struct ServiceRegistryStorage {
        address[] orchestrators;
        mapping(address orchestrator => Record) records;
        mapping(address orchestrator => Signers.Roll) signers;
        mapping(bytes32 serviceId => Checkpoints.Trace208) judgements;
        bytes32[] listedServices;
        bytes32[] listedRegions;
        mapping(bytes32 serviceId => uint256) serviceBits;
        mapping(bytes32 region => uint256) regionBits;
    }

    /// @notice Longest URI, in bytes.
    uint256 public constant MAXIMUM_URI_LENGTH = 256;
    /// @notice Most services of one entry.
    uint256 public constant MAXIMUM_SERVICES = 16;
    /// @notice Most regions of one entry.
    uint256 public constant MAXIMUM_REGIONS = 16;
    /// @notice Most services with a bit in the pages.
    uint256 public constant MAXIMUM_LISTED_SERVICES = 128;
    /// @notice Most regions with a bit in the pages.
    uint256 public constant MAXIMUM_LISTED_REGIONS = 96;

    /// @dev More would let a handful of verdicts wipe out an orchestrator whose encoder broke.
    uint256 private constant _MAXIMUM_SLASH_RATE = 500_000;

    // keccak256(abi.encode(uint256(keccak256("streamflow.storage.ServiceRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xfe17b03a89026b6ebd8b091da80a37c09d017d059811b9db8a2dafa83af6b400;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStaking private immutable _staking;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRounds private immutable _rounds;

    /// @param staking proxy of {IStaking}
    /// @param rounds proxy of {IRounds}
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address staking, address rounds) {
        _staking = IStaking(staking);
        _rounds = IRounds(rounds);
    }

    /// @param authority the AccessManager
    function initialize(address authority) external initializer {
        __Governed_init(authority);
    }

    /// @inheritdoc IServiceRegistry
    function register(string calldata uri, bytes32[] calldata services, bytes32[] calldata regions)
        external
        whenNotPaused
    {
        if (!_mayStay(msg.sender)) {
            revert ServiceRegistryStakeTooLow(msg.sender, _staking.stakeOf(msg.sender), _staking.minimumStake());
        }
        ServiceRegistryStorage storage $ = _storage();
        Record storage record = $.records[msg.sender];
        if (record.position == 0) {
            $.orchestrators.push(msg.sender);
            record.position = uint32($.orchestrators.length);
            emit Registered(msg.sender);
        }
        _setUri(record, uri);
        _setServices(record, services);
        _setRegions(record, regions);
        _renew($, record);
    }

    /// @inheritdoc IServiceRegistry
    function setServiceURI(string calldata uri) external whenNotPaused {
        Record storage record = _recordOf(_storage(), msg.sender);
        _setUri(record, uri);
        ++record.version;
    }

    /// @inheritdoc IServiceRegistry
    function setServices(bytes32[] calldata services) external whenNotPaused {
        ServiceRegistryStorage storage $ = _storage();
        Record storage record = _recordOf($, msg.sender);
        _setServices(record, services);
        _renew($, record);
    }

    /// @inheritdoc IServiceRegistry
    function setRegions(bytes32[] calldata regions) external whenNotPaused {
        ServiceRegistryStorage storage $ = _storage();
        Record storage record = _recordOf($, msg.sender);
        _setRegions(record, regions);
        _renew($, record);
    }

    /// @inheritdoc IServiceRegistry
    function setSigner(address signer) external {
        ServiceRegistryStorage storage $ = _storage();
        uint256 round = _rounds.currentRound();
        (address old, bool fresh) = $.signers[msg.sender].appoint(signer, round);
        if (!fresh || signer == msg.sender) revert ServiceRegistrySignerUsed(msg.sender, signer);
        ++$.records[msg.sender].version;
        emit SignerChanged(msg.sender, old, signer, round);
    }

    /// @inheritdoc IServiceRegistry
    function unregister() external {
        _remove(msg.sender);
    }

    /// @inheritdoc IServiceRegistry
    function prune(address orchestrator) external {
        if (_mayStay(orchestrator)) {
            revert ServiceRegistryStakeSufficient(
                orchestrator, _staking.stakeOf(orchestrator), _staking.minimumStake()
            );
        }
        _remove(orchestrator);
    }

    /// @inheritdoc IServiceRegistry
    function refresh(address orchestrator) external {
        ServiceRegistryStorage storage $ = _storage();
        _renew($, _recordOf($, orchestrator));
    }

    /// @inheritdoc IServiceRegistry
    function describeService(string calldata description) external returns (bytes32 serviceId) {
        serviceId = keccak256(bytes(description));
        emit ServiceDescribed(serviceId, description);
    }

    /// @inheritdoc IServiceRegistry
    function list(bytes32[] calldata services, bytes32[] calldata regions) external restricted {
        ServiceRegistryStorage storage $ = _storage();
        for (uint256 i = 0; i < services.length; ++i) {
            emit ServiceListed(
                services[i], _list($.listedServices, $.serviceBits, services[i], MAXIMUM_LISTED_SERVICES)
            );
        }
        for (uint256 i = 0; i < regions.length; ++i) {
            emit RegionListed(regions[i], _list($.listedRegions, $.regionBits, regions[i], MAXIMUM_LISTED_REGIONS));
        }
    }

    /// @inheritdoc IServiceRegistry
    function setJudgement(bytes32 serviceId, Judgement calldata judgement) external restricted {
        bool judged = judgement.verifier != address(0);
        bool valid = judged
            ? judgement.slashRate != 0 && judgement.slashRate <= _MAXIMUM_SLASH_RATE && judgement.bountyRate != 0
                && judgement.bountyRate < PPM
            : judgement.slashRate == 0 && judgement.bountyRate == 0;
        if (serviceId == 0 || !valid) revert ServiceRegistryInvalidJudgement(serviceId);
        (Judgement memory old, uint256 effectiveRound) =
            _storage().judgements[serviceId].set(_rounds.currentRound(), judgement);
        emit JudgementChanged(serviceId, old, judgement, effectiveRound);
    }

    /// @inheritdoc IServiceRegistry
    function entry(address orchestrator) external view returns (Entry memory) {
        return _entry(_storage(), orchestrator, _rounds.currentRound());
    }

    /// @inheritdoc IServiceRegistry
    function entriesOf(address[] calldata orchestrators) external view returns (Entry[] memory found) {
        uint256 round = _rounds.currentRound();
        found = new Entry[](orchestrators.length);
        for (uint256 i = 0; i < orchestrators.length; ++i) {
            found[i] = _entry(_storage(), orchestrators[i], round);
        }
    }

    /// @inheritdoc IServiceRegistry
    function entries(uint256 cursor, uint256 limit)
        external
        view
        returns (Entry[] memory page, uint256 nextCursor)
    {
        address[] memory orchestrators;
        (orchestrators, nextCursor) = _page(cursor, limit);
        uint256 round = _rounds.currentRound();
        page = new Entry[](orchestrators.length);
        for (uint256 i = 0; i < orchestrators.length; ++i) {
            page[i] = _entry(_storage(), orchestrators[i], round);
        }
    }

    /// @inheritdoc IServiceRegistry
    function rows(uint256 cursor, uint256 limit, Filter calldata filter)
        external
        view
        returns (Row[] memory found, uint256 nextCursor)
    {
        ServiceRegistryStorage storage $ = _storage();
        address[] memory orchestrators;
        (orchestrators, nextCursor) = _page(cursor, limit);
        uint256[] memory stakes = _staking.activeStakesOf(orchestrators);
        found = new Row[](orchestrators.length);
        uint256 kept = 0;
        for (uint256 i = 0; i < orchestrators.length; ++i) {
            if (stakes[i] < filter.activeStake) continue;
            Record storage record = $.records[orchestrators[i]];
            (uint128 services, uint96 regions) = (record.serviceBits, record.regionBits);
            if (services & filter.services != filter.services) continue;
            if (filter.regions != 0 && regions & filter.regions == 0) continue;
            found[kept++] = Row({
                orchestrator: orchestrators[i],
                signer: signerOf(orchestrators[i]),
                version: record.version,
                services: services,
                regions: regions,
                activeStake: stakes[i]
            });
        }
        // Only assembly can shorten an array in memory.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(found, kept)
        }
    }

    /// @inheritdoc IServiceRegistry
    function count() external view returns (uint256) {
        return _storage().orchestrators.length;
    }

    /// @inheritdoc IServiceRegistry
    function isSignerAt(address orchestrator, address account, uint256 round) external view returns (bool) {
        return account == orchestrator || _storage().signers[orchestrator].served(account, round);
    }

    /// @inheritdoc IServiceRegistry
    function judgementAt(bytes32 serviceId, uint256 round) external view returns (Judgement memory) {
        return _storage().judgements[serviceId].at(round);
    }

    /// @inheritdoc IServiceRegistry
    function serviceBit(bytes32 serviceId) external view returns (uint256) {
        return _storage().serviceBits[serviceId];
    }

    /// @inheritdoc IServiceRegistry
    function regionBit(bytes32 region) external view returns (uint256) {
        return _storage().regionBits[region];
    }

    /// @inheritdoc IServiceRegistry
    function listed() external view returns (bytes32[] memory services, bytes32[] memory regions) {
        return (_storage().listedServices, _storage().listedRegions);
    }

    /// @inheritdoc IServiceRegistry
    function signerOf(address orchestrator) public view returns (address) {
        address signer = _storage().signers[orchestrator].current;
        return signer == address(0) ? orchestrator : signer;
    }

    function _setUri(Record storage record, string calldata uri) private {
        uint256 length = bytes(uri).length;
        if (length == 0 || length > MAXIMUM_URI_LENGTH) revert ServiceRegistryInvalidUri(length, MAXIMUM_URI_LENGTH);
        emit ServiceURIChanged(msg.sender, record.uri, uri);
        record.uri = uri;
    }

    function _setRegions(Record storage record, bytes32[] calldata regions) private {
        _checkItems(regions, MAXIMUM_REGIONS);
        emit RegionsChanged(msg.sender, record.regions, regions);
        record.regions = regions;
    }

    function _setServices(Record storage record, bytes32[] calldata services) private {
        _checkItems(services, MAXIMUM_SERVICES);
        emit ServicesChanged(msg.sender, record.services, services);
        record.services = services;
    }

    /// @dev The bits of an entry as its services and regions are listed now.
    function _renew(ServiceRegistryStorage storage $, Record storage record) private {
        record.serviceBits = uint128(_bitsOf(record.services, $.serviceBits));
        record.regionBits = uint96(_bitsOf(record.regions, $.regionBits));
        ++record.version;
    }

    function _list(
        bytes32[] storage items,
        mapping(bytes32 => uint256) storage bits,
        bytes32 item,
        uint256 maximum
    ) private returns (uint256) {
        if (item == 0 || bits[item] != 0) revert ServiceRegistryInvalidItem(item);
        if (items.length == maximum) revert ServiceRegistryTooMany(maximum + 1, maximum);
        items.push(item);
        bits[item] = items.length;
        return items.length;
    }

    /// @dev The version outlives the entry: a reader that kept the old one sees that this is another.
    function _remove(address orchestrator) private {
        ServiceRegistryStorage storage $ = _storage();
        Record storage record = _recordOf($, orchestrator);
        address last = $.orchestrators[$.orchestrators.length - 1];
        $.orchestrators[record.position - 1] = last;
        $.records[last].position = record.position;
        $.orchestrators.pop();
        uint32 version = record.version;
        delete $.records[orchestrator];
        $.records[orchestrator].version = version + 1;
        emit Unregistered(orchestrator, msg.sender);
    }

    /// @dev Whether the stakes are, as things stand, enough for the round to come.
    function _mayStay(address orchestrator) private view returns (bool) {
        return _staking.isActiveAt(orchestrator, _rounds.currentRound() + 1);
    }

    /// @dev From the end to the beginning: see {IServiceRegistry}.
    function _page(uint256 cursor, uint256 limit)
        private
        view
        returns (address[] memory page, uint256 nextCursor)
    {
        address[] storage orchestrators = _storage().orchestrators;
        uint256 total = orchestrators.length;
        uint256 end = cursor == 0 || cursor > total ? total : cursor;
        uint256 size = limit < end ? limit : end;
        page = new address[](size);
        for (uint256 i = 0; i < size; ++i) {
            page[i] = orchestrators[end - 1 - i];
        }
        nextCursor = end - size;
    }

    function _entry(ServiceRegistryStorage storage $, address orchestrator, uint256 round)
        private
        view
        returns (Entry memory found)
    {
        Record storage record = $.records[orchestrator];
        (uint32 rewardCut, uint32 feeShare) = _staking.commissionAt(orchestrator, round);
        found = Entry({
            orchestrator: orchestrator,
            signer: signerOf(orchestrator),
            version: record.version,
            uri: record.uri,
            services: record.services,
            regions: record.regions,
            stake: _staking.stakeOf(orchestrator),
            active: _staking.isActive(orchestrator),
            rewardCut: rewardCut,
            feeShare: feeShare
        });
    }

    function _recordOf(ServiceRegistryStorage storage $, address orchestrator)
        private
        view
        returns (Record storage record)
    {
        record = $.records[orchestrator];
        if (record.position == 0) revert ServiceRegistryNotRegistered(orchestrator);
    }

    function _bitsOf(bytes32[] storage items, mapping(bytes32 => uint256) storage bits)
        private
        view
        returns (uint256 found)
    {
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 bit = bits[items[i]];
            if (bit != 0) found |= 1 << (bit - 1);
        }
    }

    function _checkItems(bytes32[] calldata items, uint256 maximum) private pure {
        if (items.length > maximum) revert ServiceRegistryTooMany(items.length, maximum);
        for (uint256 i = 0; i < items.length; ++i) {
            if (items[i] == 0) revert ServiceRegistryInvalidItem(items[i]);
            for (uint256 j = 0; j < i; ++j) {
                if (items[j] == items[i]) revert ServiceRegistryInvalidItem(items[i]);
            }
        }
    }

    function _storage() private pure returns (ServiceRegistryStorage storage $) {
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            $.slot := STORAGE_SLOT
        }
    }
}
