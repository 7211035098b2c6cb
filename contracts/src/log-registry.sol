// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleLog} from "./merkle-log.sol";

/// Checkpoints of units' logs where an Ethereum chain is the only ledger. A log belongs to the address
/// that first submitted it, and nobody can take another's name: heads are kept by owner and log id. A log
/// grows and never changes: each size must be proven to begin with the one before.
contract LogRegistry {
    error NotGrown();
    error Inconsistent();
    error Superseded();

    event Checkpoint(address indexed owner, bytes32 indexed log, uint64 size, bytes32 root);
    event Opened(address indexed owner, bytes32 indexed log, bytes32 predecessor);

    struct Head {
        bytes32 root;
        uint64 size;
        bool isSuperseded;
    }

    mapping(address owner => mapping(bytes32 log => Head)) private _heads;

    function head(address owner, bytes32 log) external view returns (uint64 size, bytes32 root, bool isSuperseded) {
        Head storage found = _heads[owner][log];
        return (found.size, found.root, found.isSuperseded);
    }

    /// The first checkpoint needs no path; each later one the RFC 6962 consistency path from the last.
    function submit(bytes32 log, uint64 size, bytes32 root, bytes32[] calldata path) external {
        Head storage last = _heads[msg.sender][log];
        if (last.isSuperseded) revert Superseded();
        if (size <= last.size) revert NotGrown();
        if (last.size == 0) {
            if (path.length != 0) revert Inconsistent();
        } else if (!MerkleLog.grows(last.root, last.size, root, size, path)) {
            revert Inconsistent();
        }
        last.root = root;
        last.size = size;
        emit Checkpoint(msg.sender, log, size, root);
    }

    /// A unit that lost its log's end goes on with another, whose only entry names the log before at
    /// exactly the size and root that are final here (docs/specs/log.md §1, an opening).
    function open(bytes32 log, bytes32 predecessor) external {
        Head storage last = _heads[msg.sender][predecessor];
        Head storage next = _heads[msg.sender][log];
        if (last.isSuperseded || next.isSuperseded) revert Superseded();
        if (next.size != 0 || log == predecessor) revert NotGrown();
        last.isSuperseded = true;
        bytes32 endRoot = last.size == 0 ? sha256("") : last.root;
        next.root = MerkleLog.leafHash(openingEntry(predecessor, last.size, endRoot));
        next.size = 1;
        emit Opened(msg.sender, log, predecessor);
        emit Checkpoint(msg.sender, log, 1, next.root);
    }

    function openingEntry(bytes32 predecessor, uint64 size, bytes32 root)
        public
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(hex"0104000000000000", predecessor, size, root);
    }

    /// Whether the entry is in the log as last submitted.
    function includes(
        address owner,
        bytes32 log,
        bytes calldata entry,
        uint64 index,
        bytes32[] calldata path
    ) external view returns (bool) {
        Head storage last = _heads[owner][log];
        return MerkleLog.includes(last.root, last.size, MerkleLog.leafHash(entry), index, path);
    }
}
