// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {Stage} from "./Stage.sol";

/// @notice Several who send tickets: they fund, designate, grant, revoke, unlock and withdraw, and their tickets are redeemed in every way
/// there is.
abstract contract Broadcasters is Stage {
    /// @param grants every grant that was ever made
    struct Broadcaster {
        address account;
        uint256 key;
        uint256 sessionKey;
        ITicketBroker.SignedGrant[] grants;
    }

    uint256 public constant SENDERS = 3;
    uint256 private constant BATCH = 4;

    Broadcaster[SENDERS] private _broadcasters;
    /// @dev The last ticket of each way to pay, shown again now and then: it pays no more than its face value in all.
    ITicketBroker.Redemption[] private _shown;
    uint256 public redemptions;
    uint256 public burned;

    function senderAt(uint256 index) public view returns (address) {
        return _broadcasters[index].account;
    }

    /// @dev A ticket of this round or the one before, redeemed by anybody.
    function redeem(uint256 from, uint256 who, uint256 faceValue, uint32 feeShare, bool late)
        external
        harmless(address(0))
    {
        ITicketBroker.Ticket memory ticket = _ticket(
            _broadcaster(from).account,
            _orchestrator(who),
            bound(faceValue, 1, 50 ether),
            system.rounds.currentRound() - (late ? 1 : 0)
        );
        ticket.feeShare = uint32(bound(feeShare, 0, 1_000_000));
        _redeemAlone(_signed(ticket, _broadcaster(from).key));
    }

    /// @dev A ticket that was shown before, after whatever has happened since.
    function redeemAgain(uint256 which) external harmless(address(0)) {
        _redeemAlone(_shown[which % _shown.length]);
    }

    /// @dev Tickets of several senders in one batch, some under grants, some shown twice.
    function redeemBatch(uint256 seed, uint256 faceValue) external harmless(address(0)) {
        ITicketBroker.Redemption[] memory list = new ITicketBroker.Redemption[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            list[i] = _any(uint256(keccak256(abi.encode(seed, i))), faceValue);
        }
        list[BATCH - 1] = list[0];
        _redeemAll(list, _broadcaster(seed).grants);
    }

    /// @dev By whoever the ticket pays; only what the grants allow burns.
    function redeemAndPunish(uint256 from, uint256 who, uint256 faceValue) external harmless(address(0)) {
        Broadcaster storage broadcaster = _broadcaster(from);
        ITicketBroker.Ticket memory ticket =
            _ticketOfGrant(broadcaster, who, _orchestrator(who), bound(faceValue, 1, 20_000 ether));
        _punish(broadcaster, _signed(ticket, broadcaster.sessionKey));
        _checkCaps(broadcaster);
    }

    /// @dev The caller's own deposit, or somebody else's.
    function fundDeposit(uint256 from, uint256 amount, bool foreign) external harmless(address(0)) {
        address account = _broadcaster(from).account;
        vm.prank(foreign ? accounts[0] : account);
        if (foreign) system.broker.fundDepositFor{value: bound(amount, 1, 1 ether)}(account);
        else system.broker.fundDeposit{value: bound(amount, 1, 100 ether)}();
    }

    /// @dev Reserve and escrow too, by the sender or, for the reserve, by somebody else.
    function fundReserveAndEscrow(uint256 from, uint256 reserve, uint256 escrow, bool foreign)
        external
        harmless(address(0))
    {
        address account = _broadcaster(from).account;
        reserve = bound(reserve, 1, 50 ether);
        escrow = bound(escrow, 0, 50 ether);
        vm.prank(foreign ? accounts[0] : account);
        if (foreign) system.broker.fundReserveFor{value: bound(reserve, 1, 1 ether)}(account);
        else system.broker.fundDepositAndReserve{value: reserve + escrow}(0, reserve, escrow);
    }

    function designate(uint256 from, uint256 who, uint256 amount) external harmless(address(0)) {
        address account = _broadcaster(from).account;
        address[] memory orchestrators = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        orchestrators[0] = _orchestrator(who);
        amounts[0] = bound(amount, 0, system.broker.senderInfo(account).reserve);
        vm.prank(account);
        system.broker.designateReserve(orchestrators, amounts);
    }

    function grant(uint256 from, uint256 spendCap, uint256 escrowCap, bool registering) external harmless(address(0)) {
        _grant(_broadcaster(from), bound(spendCap, 1, 1_000 ether), bound(escrowCap, 0, 100 ether), registering);
    }

    function revoke(uint256 from, uint256 which) external harmless(address(0)) {
        Broadcaster storage broadcaster = _broadcaster(from);
        vm.prank(broadcaster.account);
        system.broker.revokeGrant(broadcaster.grants[which % broadcaster.grants.length].grant);
    }

    function unlock(uint256 from, bool cancelling) external harmless(address(0)) {
        vm.prank(_broadcaster(from).account);
        if (cancelling) system.broker.cancelUnlock();
        else system.broker.unlock();
    }

    /// @dev Unlocks and waits if it has to, as a sender does.
    function withdraw(uint256 from, uint256 deposit, uint256 reserve, uint256 escrow) external harmless(address(0)) {
        address account = _broadcaster(from).account;
        ITicketBroker.SenderInfo memory info = system.broker.senderInfo(account);
        if (info.withdrawRound == 0) {
            vm.prank(account);
            system.broker.unlock();
            info.withdrawRound = system.broker.senderInfo(account).withdrawRound;
        }
        uint256 round = system.rounds.currentRound();
        if (info.withdrawRound > round) _advance(info.withdrawRound - round);
        deposit = bound(deposit, 0, info.deposit);
        reserve = bound(reserve, 0, info.reserve);
        escrow = bound(escrow, 0, info.escrow);
        uint256 before = account.balance;
        vm.prank(account);
        system.broker.withdrawTo(account, deposit, reserve, escrow);
        if (account.balance - before != deposit + reserve + escrow) violation = "a withdrawal paid another amount";
    }

    function setBrokerParameters(uint256 validity, uint256 unlockPeriod, uint32 burnShare)
        external
        harmless(address(0))
    {
        validity = bound(validity, 1, 4);
        uint256 share = system.broker.escrowBurnShare();
        burnShare = uint32(bound(burnShare, share > 250_000 ? share - 250_000 : 0, share < 750_000 ? share + 250_000 : 1_000_000));
        system.broker.setParameters(validity, bound(unlockPeriod, validity, 7), burnShare);
    }

    function haltOrResume() external harmless(address(0)) {
        if (system.broker.redemptionHalted()) system.broker.resumeRedemption();
        else system.broker.haltRedemption();
    }

    function _fundBroadcasters() internal {
        for (uint256 i = 0; i < SENDERS; ++i) {
            Broadcaster storage broadcaster = _broadcasters[i];
            (broadcaster.account, broadcaster.key) = makeAddrAndKey(string(abi.encode("sender", i)));
            (, broadcaster.sessionKey) = makeAddrAndKey(string(abi.encode("session", i)));
            vm.deal(broadcaster.account, 1_000_000 ether);
            vm.prank(broadcaster.account);
            system.broker.fundDepositAndReserve{value: 130 ether}(100 ether, 20 ether, 10 ether);
            _grant(broadcaster, 50 ether, 5 ether, true);
        }
    }

    function _unlockAll() internal {
        for (uint256 i = 0; i < SENDERS; ++i) {
            vm.prank(_broadcasters[i].account);
            // Refused where an unlock is running or nothing is there: either way the account can leave.
            // solhint-disable-next-line no-empty-blocks
            try system.broker.unlock() {} catch {}
        }
    }

    /// @dev Whatever was funded and not paid comes out, while the broker is paused.
    function _withdrawAll() internal {
        for (uint256 i = 0; i < SENDERS; ++i) {
            address account = _broadcasters[i].account;
            ITicketBroker.SenderInfo memory info = system.broker.senderInfo(account);
            if (info.deposit + info.reserve + info.escrow == 0) continue;
            uint256 round = system.rounds.currentRound();
            if (info.withdrawRound > round) _advance(info.withdrawRound - round);
            vm.prank(account);
            system.broker.withdraw();
        }
    }

    function _redeemAlone(ITicketBroker.Redemption memory redemption) private {
        uint256 before = address(system.staking).balance;
        uint256 paid = system.broker.redeem(redemption, 0);
        feesIn += paid;
        redemptions += 1;
        if (address(system.staking).balance - before != paid) violation = "staking got another amount than was paid";
        ITicketBroker.Redemption[] memory list = new ITicketBroker.Redemption[](1);
        list[0] = redemption;
        _checkPaid(list);
    }

    function _redeemAll(ITicketBroker.Redemption[] memory list, ITicketBroker.SignedGrant[] memory grants) private {
        uint256 before = address(system.staking).balance;
        uint256[] memory paid = system.broker.redeemBatch(list, new uint256[](list.length), grants);
        uint256 sum = 0;
        for (uint256 i = 0; i < list.length; ++i) {
            sum += paid[i];
        }
        if (address(system.staking).balance - before != sum) violation = "a batch booked another sum than it paid";
        feesIn += sum;
        _checkPaid(list);
    }

    function _punish(Broadcaster storage broadcaster, ITicketBroker.Redemption memory redemption) private {
        ITicketBroker.Redemption[] memory list = new ITicketBroker.Redemption[](1);
        list[0] = redemption;
        address executor = redemption.ticket.recipient;
        uint256[4] memory before = _purses(broadcaster.account, executor);
        vm.prank(executor);
        (, uint256 reward) = system.broker.redeemAndPunish(list, broadcaster.grants);
        uint256[4] memory later = _purses(broadcaster.account, executor);
        feesIn += later[0] - before[0];
        burned += before[1] - later[1];
        if (later[2] - before[2] + reward != before[1] - later[1]) violation = "escrow went elsewhere";
        if (later[3] - before[3] != reward) violation = "an executor got another reward";
        _checkPaid(list);
    }

    /// @dev Fees held, escrow, what was burned, the executor's own.
    function _purses(address account, address executor) private view returns (uint256[4] memory) {
        return [
            address(system.staking).balance,
            system.broker.senderInfo(account).escrow,
            system.broker.BURN_ADDRESS().balance,
            executor.balance
        ];
    }

    function _grant(Broadcaster storage broadcaster, uint256 spendCap, uint256 escrowCap, bool registering) private {
        ITicketBroker.SignedGrant memory signed;
        signed.grant = ITicketBroker.SessionGrant({
            sender: broadcaster.account,
            key: vm.addr(broadcaster.sessionKey),
            spendCap: spendCap,
            escrowCap: escrowCap,
            validUntil: uint64(block.timestamp + 1 days),
            salt: bytes32(++_nonce)
        });
        signed.signature = _sign(broadcaster.key, system.broker.hashGrant(signed.grant));
        broadcaster.grants.push(signed);
        if (registering) system.broker.registerGrant(signed);
    }

    function _any(uint256 seed, uint256 faceValue) private returns (ITicketBroker.Redemption memory) {
        Broadcaster storage broadcaster = _broadcaster(seed);
        faceValue = bound(uint256(keccak256(abi.encode(seed, faceValue))), 1, 60 ether);
        address recipient = _orchestrator(seed >> 8);
        if (seed & 0x10000 == 0) {
            return _signed(_ticket(broadcaster.account, recipient, faceValue, system.rounds.currentRound()), broadcaster.key);
        }
        return _signed(_ticketOfGrant(broadcaster, seed >> 16, recipient, faceValue), broadcaster.sessionKey);
    }

    function _ticketOfGrant(Broadcaster storage broadcaster, uint256 which, address recipient, uint256 faceValue)
        private
        returns (ITicketBroker.Ticket memory ticket)
    {
        ticket = _ticket(broadcaster.account, recipient, faceValue, system.rounds.currentRound());
        ticket.grant = system.broker.hashGrant(broadcaster.grants[which % broadcaster.grants.length].grant);
    }

    function _ticket(address from, address recipient, uint256 faceValue, uint256 round)
        private
        returns (ITicketBroker.Ticket memory)
    {
        return ITicketBroker.Ticket({
            recipient: recipient,
            sender: from,
            grant: 0,
            faceValue: faceValue,
            winProb: type(uint256).max,
            nonce: ++_nonce,
            recipientRandHash: keccak256(abi.encode(_nonce)),
            creationRound: round,
            creationRoundBlockHash: system.rounds.blockHashForRound(round),
            feeShare: 0
        });
    }

    function _signed(ITicketBroker.Ticket memory ticket, uint256 key) private returns (ITicketBroker.Redemption memory made) {
        made = ITicketBroker.Redemption(ticket, _sign(key, system.broker.hashTicket(ticket)), ticket.nonce);
        _shown.push(made);
    }

    function _checkPaid(ITicketBroker.Redemption[] memory list) private {
        for (uint256 i = 0; i < list.length; ++i) {
            uint256 paid = system.broker.ticketPaid(list[i].ticket, list[i].signature);
            if (paid > list[i].ticket.faceValue) violation = "a ticket paid more than its face value";
        }
    }

    function _checkCaps(Broadcaster storage broadcaster) private {
        for (uint256 i = 0; i < broadcaster.grants.length; ++i) {
            ITicketBroker.SessionGrant memory given = broadcaster.grants[i].grant;
            ITicketBroker.GrantInfo memory info =
                system.broker.grantInfo(given.sender, system.broker.hashGrant(given), given.key);
            if (info.spent > given.spendCap) violation = "a grant spent more than its cap";
            if (info.escrowBurned > given.escrowCap) violation = "a grant burned more than its cap";
        }
    }

    function _broadcaster(uint256 from) private view returns (Broadcaster storage) {
        return _broadcasters[from % SENDERS];
    }
}
