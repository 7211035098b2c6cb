// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Events of units where an Ethereum chain is the only ledger: the same 55 bytes as on the consortium's
/// chain, which name nobody (docs/specs/chain.md §3, events). Each is recorded once per unit.
contract EventRegistry {
    error Malformed(uint256 place);
    error Duplicate(bytes32 eventId);

    event Recorded(address indexed unit, bytes32 indexed eventId, bytes record);

    uint256 private constant LENGTH = 55;
    uint256 private constant RECORDS_MAX = 64;

    /// Block in which a unit recorded an event; 0 where it did not.
    mapping(address unit => mapping(bytes32 eventId => uint256)) public recordedAt;

    /// u8 class · u8 state (1, 2) · u8 level (1–3) · u32 minute · raw 16 pseudonym · raw 32 eventId, 1 to
    /// 64 of them. Classes are open: a new one needs no new contract.
    function record(bytes calldata records) external {
        uint256 count = records.length / LENGTH;
        if (count == 0 || count > RECORDS_MAX || records.length != count * LENGTH) revert Malformed(0);
        for (uint256 i = 0; i < count; i++) {
            bytes calldata one = records[i * LENGTH:(i + 1) * LENGTH];
            uint8 state = uint8(one[1]);
            uint8 level = uint8(one[2]);
            if (one[0] == 0 || state == 0 || state > 2 || level == 0 || level > 3) revert Malformed(i);
            bytes32 eventId = bytes32(one[23:55]);
            if (recordedAt[msg.sender][eventId] != 0) revert Duplicate(eventId);
            recordedAt[msg.sender][eventId] = block.number;
            emit Recorded(msg.sender, eventId, one);
        }
    }
}
