// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {VerifierHistory} from "./libraries/VerifierHistory.sol";

/// @title ServiceRegistry
/// @notice Where orchestrators say how they are reached and what they offer; see {IServiceRegistry}.
/// @dev Pausing stops {register} and the setters, not {unregister} and {prune}.
contract ServiceRegistry is IServiceRegistry, Governed {
    using VerifierHistory for VerifierHistory.History;

    /// @param position place in `orchestrators` plus one; 0 if not registered
    struct Record {
        uint256 position;
        string uri;
        Service[] services;
        bytes32[] regions;
    }

    /// @custom:storage-location erc7201:streamflow.storage.ServiceRegistry
    struct ServiceRegistryStorage {
        address[] orchestrators;
        mapping(address orchestrator => Record) records;
        mapping(address orchestrator => mapping(bytes32 serviceId => VerifierHistory.History)) verifiers;
    }

    /// @notice Longest URI, in bytes.
    uint256 public constant MAXIMUM_URI_LENGTH = 256;
    /// @notice Most services of one entry.
    uint256 public constant MAXIMUM_SERVICES = 16;
    /// @notice Most regions of one entry.
    uint256 public constant MAXIMUM_REGIONS = 16;

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
    function register(string calldata uri, Service[] calldata services, bytes32[] calldata regions)
        external
        whenNotPaused
    {
        uint256 minimum = _staking.minimumStake();
        uint256 stake = _staking.stakeOf(msg.sender);
        if (stake < minimum) revert ServiceRegistryStakeTooLow(msg.sender, stake, minimum);
        ServiceRegistryStorage storage $ = _storage();
        Record storage record = $.records[msg.sender];
        if (record.position == 0) {
            $.orchestrators.push(msg.sender);
            record.position = $.orchestrators.length;
            emit Registered(msg.sender);
        }
        _setUri(record, uri);
        _setServices($, record, services);
        _setRegions(record, regions);
    }

    /// @inheritdoc IServiceRegistry
    function setServiceURI(string calldata uri) external whenNotPaused {
        _setUri(_recordOf(_storage(), msg.sender), uri);
    }

    /// @inheritdoc IServiceRegistry
    function setServices(Service[] calldata services) external whenNotPaused {
        ServiceRegistryStorage storage $ = _storage();
        _setServices($, _recordOf($, msg.sender), services);
    }

    /// @inheritdoc IServiceRegistry
    function setRegions(bytes32[] calldata regions) external whenNotPaused {
        _setRegions(_recordOf(_storage(), msg.sender), regions);
    }

    /// @inheritdoc IServiceRegistry
    function unregister() external {
        _remove(msg.sender);
    }

    /// @inheritdoc IServiceRegistry
    function prune(address orchestrator) external {
        uint256 minimum = _staking.minimumStake();
        uint256 stake = _staking.stakeOf(orchestrator);
        if (stake >= minimum) revert ServiceRegistryStakeSufficient(orchestrator, stake, minimum);
        _remove(orchestrator);
    }

    /// @inheritdoc IServiceRegistry
    function entry(address orchestrator) external view returns (Entry memory) {
        return _entry(_storage(), orchestrator, _rounds.currentRound());
    }

    /// @inheritdoc IServiceRegistry
    function entries(uint256 cursor, uint256 limit)
        external
        view
        returns (Entry[] memory page, uint256 nextCursor)
    {
        ServiceRegistryStorage storage $ = _storage();
        uint256 total = $.orchestrators.length;
        uint256 left = cursor < total ? total - cursor : 0;
        uint256 size = limit < left ? limit : left;
        uint256 round = _rounds.currentRound();
        page = new Entry[](size);
        for (uint256 i = 0; i < size; ++i) {
            page[i] = _entry($, $.orchestrators[cursor + i], round);
        }
        nextCursor = size < left ? cursor + size : 0;
    }

    /// @inheritdoc IServiceRegistry
    function count() external view returns (uint256) {
        return _storage().orchestrators.length;
    }

    /// @inheritdoc IServiceRegistry
    function verifierOf(address orchestrator, bytes32 serviceId) external view returns (address) {
        return _storage().verifiers[orchestrator][serviceId].judgeIn(_rounds.currentRound());
    }

    /// @inheritdoc IServiceRegistry
    function verifierAt(address orchestrator, bytes32 serviceId, uint256 round) external view returns (address) {
        return _storage().verifiers[orchestrator][serviceId].judgeIn(round);
    }

    function _setUri(Record storage record, string calldata uri) private {
        uint256 length = bytes(uri).length;
        if (length == 0 || length > MAXIMUM_URI_LENGTH) revert ServiceRegistryInvalidUri(length, MAXIMUM_URI_LENGTH);
        emit ServiceURIChanged(msg.sender, record.uri, uri);
        record.uri = uri;
    }

    function _setRegions(Record storage record, bytes32[] calldata regions) private {
        if (regions.length > MAXIMUM_REGIONS) revert ServiceRegistryTooMany(regions.length, MAXIMUM_REGIONS);
        for (uint256 i = 0; i < regions.length; ++i) {
            if (regions[i] == 0) revert ServiceRegistryInvalidItem(regions[i]);
            for (uint256 j = 0; j < i; ++j) {
                if (regions[j] == regions[i]) revert ServiceRegistryInvalidItem(regions[i]);
            }
        }
        emit RegionsChanged(msg.sender, record.regions, regions);
        record.regions = regions;
    }

    function _setServices(ServiceRegistryStorage storage $, Record storage record, Service[] calldata services)
        private
    {
        if (services.length > MAXIMUM_SERVICES) revert ServiceRegistryTooMany(services.length, MAXIMUM_SERVICES);
        for (uint256 i = 0; i < services.length; ++i) {
            if (services[i].id == 0) revert ServiceRegistryInvalidItem(services[i].id);
            for (uint256 j = 0; j < i; ++j) {
                if (services[j].id == services[i].id) revert ServiceRegistryInvalidItem(services[i].id);
            }
        }
        uint256 round = _rounds.currentRound();
        Service[] memory oldServices = record.services;
        emit ServicesChanged(msg.sender, oldServices, services);
        for (uint256 i = 0; i < oldServices.length; ++i) {
            if (!_offers(services, oldServices[i].id)) _setVerifier($, msg.sender, oldServices[i].id, address(0), round);
        }
        delete record.services;
        for (uint256 i = 0; i < services.length; ++i) {
            record.services.push(services[i]);
            _setVerifier($, msg.sender, services[i].id, services[i].verifier, round);
        }
    }

    function _setVerifier(
        ServiceRegistryStorage storage $,
        address orchestrator,
        bytes32 serviceId,
        address verifier,
        uint256 round
    ) private {
        (bool changed, address oldVerifier, uint256 effectiveRound) =
            $.verifiers[orchestrator][serviceId].set(round, verifier);
        if (changed) emit VerifierChanged(orchestrator, serviceId, oldVerifier, verifier, effectiveRound);
    }

    function _remove(address orchestrator) private {
        ServiceRegistryStorage storage $ = _storage();
        Record storage record = _recordOf($, orchestrator);
        uint256 round = _rounds.currentRound();
        uint256 services = record.services.length;
        for (uint256 i = 0; i < services; ++i) {
            _setVerifier($, orchestrator, record.services[i].id, address(0), round);
        }
        address last = $.orchestrators[$.orchestrators.length - 1];
        $.orchestrators[record.position - 1] = last;
        $.records[last].position = record.position;
        $.orchestrators.pop();
        delete $.records[orchestrator];
        emit Unregistered(orchestrator, msg.sender);
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

    function _offers(Service[] calldata services, bytes32 id) private pure returns (bool) {
        for (uint256 i = 0; i < services.length; ++i) {
            if (services[i].id == id) return true;
        }
        return false;
    }

    function _storage() private pure returns (ServiceRegistryStorage storage $) {
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            $.slot := STORAGE_SLOT
        }
    }
}
