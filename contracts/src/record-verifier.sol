// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor, CheckpointAnchor} from "./checkpoint-anchor.sol";
import {MerkleLog} from "./merkle-log.sol";

/// A result of the consortium's chain (docs/specs/chain.md §4) and its way to an anchored header.
struct ProvenResult {
    Anchor anchor;
    bytes result;
    uint64 index;
    bytes32[] path;
}

/// An entry of a unit's log (docs/specs/log.md §1) and its way to a checkpoint of that log.
struct LoggedEntry {
    bytes entry;
    uint64 index;
    bytes32[] path;
}

/// What a module did: data of an OK result.
struct ResultFacts {
    uint64 height;
    bytes32 sender;
    uint8 module;
    uint8 action;
    bytes data;
}

/// An event as the chain recorded it (docs/specs/chain.md §3, events).
struct EventFacts {
    uint64 height;
    bytes32 sender;
    uint8 class;
    uint8 state;
    uint8 level;
    uint32 timeBucket;
    bytes16 pseudonym;
    bytes32 eventId;
}

/// Checks on chain that a record is part of what validators anchored. Every function gives facts or
/// reverts: a caller cannot overlook a refusal. It checks no Ed25519 signature: that a device signed a
/// frame and a unit a transaction, the validators saw to before they made the result final.
contract RecordVerifier {
    error NotAnchored(uint64 height);
    error NotIncluded();
    error ResultMalformed();
    error OtherResult(uint8 module, uint8 action);
    error EntryMalformed();
    error DetailDiffers();
    error FrameDiffers();

    uint8 private constant CHECKPOINTS = 1;
    uint8 private constant EVENTS = 2;
    uint8 private constant MAINTENANCE_NOTICE = 12;

    CheckpointAnchor public immutable anchors;

    constructor(CheckpointAnchor anchors_) {
        anchors = anchors_;
    }

    /// Any OK result below an anchor.
    function verifyResult(ProvenResult calldata p) public view returns (ResultFacts memory) {
        if (!anchors.isAnchored(p.anchor)) revert NotAnchored(p.anchor.height);
        bytes32 leaf = MerkleLog.leafHash(p.result);
        if (!MerkleLog.includes(p.anchor.resultsRoot, p.anchor.resultsSize, leaf, p.index, p.path)) {
            revert NotIncluded();
        }
        return _read(p.result);
    }

    /// Any event: what, how bad, in which minute, for whom only by a pseudonym.
    function verifyEvent(ProvenResult calldata p) public view returns (EventFacts memory) {
        ResultFacts memory result = verifyResult(p);
        if (result.module != EVENTS || result.action != 1) {
            revert OtherResult(result.module, result.action);
        }
        if (result.data.length != 55) revert ResultMalformed();
        // The layout is fixed, so the same bytes are read where they lie: the data start at 86.
        bytes calldata data = p.result[86:];
        return EventFacts({
            height: result.height,
            sender: result.sender,
            class: uint8(data[0]),
            state: uint8(data[1]),
            level: uint8(data[2]),
            timeBucket: uint32(bytes4(data[3:7])),
            pseudonym: bytes16(data[7:23]),
            eventId: bytes32(data[23:55])
        });
    }

    /// A maintenance notice with its detail, whose hash with the salt is the event's id.
    function verifyNotice(ProvenResult calldata p, bytes16 salt, bytes calldata detail)
        external
        view
        returns (EventFacts memory facts)
    {
        facts = verifyEvent(p);
        if (facts.class != MAINTENANCE_NOTICE) revert OtherResult(EVENTS, facts.class);
        if (sha256(abi.encodePacked(salt, detail)) != facts.eventId) revert DetailDiffers();
    }

    /// An entry of a log whose checkpoint the chain made final, and the id of that log.
    function verifyEntry(ProvenResult calldata checkpoint, LoggedEntry calldata logged)
        public
        view
        returns (bytes32 logId)
    {
        ResultFacts memory result = verifyResult(checkpoint);
        if (result.module != CHECKPOINTS) revert OtherResult(result.module, result.action);
        if (result.data.length != 72) revert ResultMalformed();
        bytes calldata data = checkpoint.result[86:];
        logId = bytes32(data[0:32]);
        uint64 size = uint64(bytes8(data[32:40]));
        bytes32 root = bytes32(data[40:72]);
        bytes32 leaf = MerkleLog.leafHash(logged.entry);
        if (!MerkleLog.includes(root, size, leaf, logged.index, logged.path)) revert NotIncluded();
    }

    /// A whole signed frame of a vehicle: its entry is of an accepted frame with this hash.
    function verifyFrame(
        ProvenResult calldata checkpoint,
        LoggedEntry calldata logged,
        bytes calldata frame
    ) external view returns (bytes32 logId, bytes16 keyId, uint64 sequence) {
        logId = verifyEntry(checkpoint, logged);
        bytes calldata entry = logged.entry;
        // u8 version 1 · u8 kind 1 (frame) · … · raw 16 key at 8 · u64 sequence at 24 · raw 32 commitment
        if (entry.length != 64 || entry[0] != 0x01 || entry[1] != 0x01) revert EntryMalformed();
        if (sha256(frame) != bytes32(entry[32:64])) revert FrameDiffers();
        return (logId, bytes16(entry[8:24]), uint64(bytes8(entry[24:32])));
    }

    /// u8 1 · u64 height · u32 txIndex · raw 32 txHash · raw 32 sender · u8 module · u8 action ·
    /// text code (here "OK") · block data
    function _read(bytes calldata result) private pure returns (ResultFacts memory) {
        if (result.length < 86 || result[0] != 0x01) revert ResultMalformed();
        if (bytes3(result[79:82]) != hex"024f4b") revert ResultMalformed();
        if (result.length != 86 + uint32(bytes4(result[82:86]))) revert ResultMalformed();
        return ResultFacts({
            height: uint64(bytes8(result[1:9])),
            sender: bytes32(result[45:77]),
            module: uint8(result[77]),
            action: uint8(result[78]),
            data: result[86:]
        });
    }
}
