// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProvenResult, RecordVerifier, ResultFacts} from "./record-verifier.sol";

/// Money of one consortium's market that lies on this chain. What is paid in is credited on the consortium's
/// chain once, by the id of its event; what a holder withdrew there is paid out here once, against a proof
/// that an anchored header holds the withdrawal. Nobody owns it, and no word but the validators' moves money.
contract SettlementVault {
    error AmountInvalid();
    error OtherResult(uint8 module, uint8 action);
    error OtherVault();
    error WithdrawalMalformed();
    error AlreadyPaid(uint64 number);
    error VaultTooLow(uint256 needed, uint256 held);
    error PayeeRefuses();
    /// RecordVerifier's, which pass through: named here so that whoever calls this can read them.
    error NotAnchored(uint64 height);
    error NotIncluded();
    error ResultMalformed();

    event Deposited(uint64 indexed number, bytes32 indexed account, uint64 amount, bytes32 id, address payer);
    event Paid(uint64 indexed number, address indexed payee, uint64 amount);

    uint8 private constant ACCOUNTS = 6;
    uint8 private constant WITHDRAW = 7;
    /// u8 1 · u64 number · u8 1 · raw 32 account · u8 3 · raw 32 vault · raw 20 payee · u64 amount · u64 height
    uint256 private constant WITHDRAWAL_BYTES = 111;
    /// The chain counts in whole numbers below 2^53.
    uint256 private constant AMOUNT_MAX = 2 ** 53 - 1;

    RecordVerifier public immutable verifier;
    /// What the smallest unit of the market is here.
    uint256 public immutable weiPerUnit;
    /// How withdrawals name this vault: another one, here or on another chain, pays none of them.
    bytes32 public immutable vaultId;

    uint64 public deposits;
    /// Numbers of paid withdrawals, 256 to a word: most payments find their word in use already.
    mapping(uint256 word => uint256) private _paid;

    constructor(RecordVerifier verifier_, uint256 weiPerUnit_) {
        if (weiPerUnit_ == 0) revert AmountInvalid();
        verifier = verifier_;
        weiPerUnit = weiPerUnit_;
        vaultId = sha256(abi.encodePacked("voltfog/vault/1\n", block.chainid, address(this)));
    }

    /// For an account of the consortium's chain, by its Ed25519 key; whole units only.
    function deposit(bytes32 account) external payable returns (bytes32 id) {
        uint256 amount = msg.value / weiPerUnit;
        if (amount == 0 || amount > AMOUNT_MAX || amount * weiPerUnit != msg.value) revert AmountInvalid();
        uint64 number = ++deposits;
        id = depositId(number, account, uint64(amount));
        emit Deposited(number, account, uint64(amount), id, msg.sender);
    }

    /// Binds vault, number and content: an event of another vault, or one that a node made up, has another id.
    function depositId(uint64 number, bytes32 account, uint64 amount) public view returns (bytes32) {
        return sha256(abi.encodePacked("voltfog/vault-deposit/1\n", vaultId, number, account, amount));
    }

    function isPaid(uint64 number) public view returns (bool) {
        return (_paid[number >> 8] >> (number & 255)) & 1 == 1;
    }

    /// Whoever sends it, the payee of the withdrawal is paid.
    function withdraw(ProvenResult calldata p) external {
        ResultFacts memory facts = verifier.verifyResult(p);
        if (facts.module != ACCOUNTS || facts.action != WITHDRAW) {
            revert OtherResult(facts.module, facts.action);
        }
        // The layout is fixed, so the same bytes are read where they lie: the data start at 86.
        bytes calldata data = p.result[86:];
        if (data.length < 44 || data[0] != 0x01 || data[9] != 0x01) revert WithdrawalMalformed();
        if (data[42] != 0x03) revert OtherVault();
        if (data.length != WITHDRAWAL_BYTES) revert WithdrawalMalformed();
        if (bytes32(data[43:75]) != vaultId) revert OtherVault();
        uint64 number = uint64(bytes8(data[1:9]));
        uint64 amount = uint64(bytes8(data[95:103]));
        _pay(number, address(bytes20(data[75:95])), amount);
    }

    /// Noted before the money moves: a payee that calls back finds it paid. One that takes no ether, or a
    /// vault that holds too little, leaves it unpaid, to be tried again.
    function _pay(uint64 number, address payee, uint64 amount) private {
        if (isPaid(number)) revert AlreadyPaid(number);
        uint256 value = uint256(amount) * weiPerUnit;
        if (address(this).balance < value) revert VaultTooLow(value, address(this).balance);
        _paid[number >> 8] |= uint256(1) << (number & 255);
        emit Paid(number, payee, amount);
        (bool isTaken,) = payee.call{value: value}("");
        if (!isTaken) revert PayeeRefuses();
    }
}
