// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Logs of RFC 6962 with SHA-256: leaf H(0x00 ‖ entry), node H(0x01 ‖ left ‖ right). About 400 gas a
/// hash, by the precompile at address 2.
library MerkleLog {
    function leafHash(bytes memory entry) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry));
    }

    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// Whether the leaf is at this index of the tree. RFC 9162 §2.1.3.2.
    function includes(
        bytes32 root,
        uint64 size,
        bytes32 leaf,
        uint64 index,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (index >= size) return false;
        uint64 node = index;
        uint64 last = size - 1;
        bytes32 hash = leaf;
        for (uint256 i = 0; i < path.length; i++) {
            if (last == 0) return false;
            if (node & 1 == 1 || node == last) {
                hash = nodeHash(path[i], hash);
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = nodeHash(hash, path[i]);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }

    /// Whether the tree of `newSize` begins with that of `oldSize`, 0 < oldSize < newSize. RFC 9162 §2.1.4.2.
    function grows(
        bytes32 oldRoot,
        uint64 oldSize,
        bytes32 newRoot,
        uint64 newSize,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (oldSize == 0 || oldSize >= newSize || path.length == 0) return false;
        uint64 node = oldSize - 1;
        uint64 last = newSize - 1;
        while (node & 1 == 1) {
            node >>= 1;
            last >>= 1;
        }
        // A full subtree is not in the path: the old root itself starts both.
        bool isWhole = oldSize & (oldSize - 1) == 0;
        bytes32 oldHash = isWhole ? oldRoot : path[0];
        bytes32 newHash = oldHash;
        for (uint256 i = isWhole ? 0 : 1; i < path.length; i++) {
            if (last == 0) return false;
            if (node & 1 == 1 || node == last) {
                oldHash = nodeHash(path[i], oldHash);
                newHash = nodeHash(path[i], newHash);
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                newHash = nodeHash(newHash, path[i]);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }
}
