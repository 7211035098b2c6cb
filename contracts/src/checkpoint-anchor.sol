// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What the consortium's chain says at one height: the block's header hash, and size and root of the
/// RFC 6962 log of all results up to it.
struct Anchor {
    uint64 height;
    bytes32 blockHash;
    uint64 resultsSize;
    bytes32 resultsRoot;
}

/// Anchors of one consortium's chain, each signed by Q of its validators (EIP-712), ever growing. Whoever
/// pays may send one: only the signatures count. The validator set changes by the word of the set before.
///
/// One anchor keeps one word for good, H(anchor); the caller of a proof shows the anchor itself. The
/// validators' addresses come with each call and are checked against one hash, which costs less than
/// reading them from storage.
contract CheckpointAnchor {
    error SetInvalid();
    error SetUnknown();
    error NotGrowing();
    error QuorumMissing(uint256 given, uint256 needed);
    error SignersInvalid();
    error SignatureInvalid(uint256 validator);

    event Anchored(uint64 indexed height, bytes32 blockHash, uint64 resultsSize, bytes32 resultsRoot);
    event ValidatorsChanged(uint64 indexed version, uint64 height, address[] validators);

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ANCHOR_TYPE = keccak256(
        "Anchor(bytes32 chain,uint64 setVersion,uint64 height,bytes32 blockHash,uint64 resultsSize,bytes32 resultsRoot)"
    );
    bytes32 private constant SET_TYPE =
        keccak256("ValidatorSet(bytes32 chain,uint64 version,uint64 height,address[] validators)");
    /// Half of the group's order: a signature has one form (EIP-2).
    uint256 private constant S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 private constant VALIDATORS_MAX = 256;

    /// The consortium: SHA-256 of its genesis file with the domain of chain ids.
    bytes32 public immutable chain;

    struct Progress {
        uint64 height;
        uint64 resultsSize;
        uint64 setVersion;
        uint64 setHeight;
    }

    /// Last anchored height and results size; the set's number from 1 and the height above which it signs.
    Progress public progress;
    /// keccak256 of the set's addresses.
    bytes32 public setHash;
    /// Ethereum block that holds the set's addresses, in ValidatorsChanged.
    uint256 public setBlock;
    /// keccak256 of the anchor at a height; 0 where there is none.
    mapping(uint64 height => bytes32) public digests;

    constructor(bytes32 chain_, address[] memory validators) {
        chain = chain_;
        progress.setVersion = 1;
        _store(1, 0, validators);
    }

    /// Q = ⌈(n + f + 1) / 2⌉ with f = ⌊(n − 1) / 3⌋, as on the chain itself.
    function quorum(uint256 n) public pure returns (uint256) {
        return (n + (n - 1) / 3 + 2) / 2;
    }

    /// `signers`: validator i at bit i; `signatures`: r ‖ s ‖ v of each, in that order.
    function anchor(
        Anchor calldata a,
        address[] calldata validators,
        uint256 signers,
        bytes calldata signatures
    ) external {
        Progress memory now_ = progress;
        if (a.height <= now_.height || a.height <= now_.setHeight || a.resultsSize < now_.resultsSize) {
            revert NotGrowing();
        }
        bytes32 content = keccak256(
            abi.encode(
                ANCHOR_TYPE, chain, now_.setVersion, a.height, a.blockHash, a.resultsSize, a.resultsRoot
            )
        );
        _check(content, validators, signers, signatures);
        progress.height = a.height;
        progress.resultsSize = a.resultsSize;
        digests[a.height] = digestOf(a);
        emit Anchored(a.height, a.blockHash, a.resultsSize, a.resultsRoot);
    }

    /// The next set, which signs what is above `height`, in the name of the present one.
    function changeValidators(
        uint64 height,
        address[] calldata next,
        address[] calldata validators,
        uint256 signers,
        bytes calldata signatures
    ) external {
        Progress memory now_ = progress;
        if (height < now_.height || height < now_.setHeight) revert NotGrowing();
        uint64 version = now_.setVersion + 1;
        // EIP-712 encodes a list of addresses as the hash of its words, which encodePacked pads to 32 bytes.
        bytes32 content =
            keccak256(abi.encode(SET_TYPE, chain, version, height, keccak256(abi.encodePacked(next))));
        _check(content, validators, signers, signatures);
        progress.setVersion = version;
        progress.setHeight = height;
        _store(version, height, next);
    }

    /// Whether exactly this was anchored.
    function isAnchored(Anchor calldata a) external view returns (bool) {
        return digests[a.height] == digestOf(a);
    }

    function domainSeparator() public view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPE,
                keccak256("Voltfog CheckpointAnchor"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    function digestOf(Anchor calldata a) public pure returns (bytes32) {
        return keccak256(abi.encode(a.height, a.blockHash, a.resultsSize, a.resultsRoot));
    }

    /// Ascending, so that nobody is in a set twice.
    function _store(uint64 version, uint64 height, address[] memory validators) private {
        if (validators.length == 0 || validators.length > VALIDATORS_MAX) revert SetInvalid();
        address before = address(0);
        for (uint256 i = 0; i < validators.length; i++) {
            if (validators[i] <= before) revert SetInvalid();
            before = validators[i];
        }
        setHash = keccak256(abi.encodePacked(validators));
        setBlock = block.number;
        emit ValidatorsChanged(version, height, validators);
    }

    /// At least Q of the set signed, and every signature given is good, needed or not.
    function _check(
        bytes32 content,
        address[] calldata validators,
        uint256 signers,
        bytes calldata signatures
    ) private view {
        if (keccak256(abi.encodePacked(validators)) != setHash) revert SetUnknown();
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainSeparator(), content));
        uint256 n = validators.length;
        if (n < VALIDATORS_MAX && signers >> n != 0) revert SignersInvalid();
        uint256 given = 0;
        for (uint256 i = 0; i < n; i++) {
            if ((signers >> i) & 1 == 0) continue;
            uint256 from = 65 * given++;
            if (signatures.length < from + 65) revert SignersInvalid();
            if (!_isSigned(digest, validators[i], signatures[from:from + 65])) revert SignatureInvalid(i);
        }
        if (signatures.length != 65 * given) revert SignersInvalid();
        uint256 needed = quorum(n);
        if (given < needed) revert QuorumMissing(given, needed);
    }

    function _isSigned(bytes32 digest, address signer, bytes calldata signature)
        private
        pure
        returns (bool)
    {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > S_MAX) return false;
        // A set holds no zero address, which ecrecover gives for what is no signature.
        return ecrecover(digest, uint8(signature[64]), r, s) == signer;
    }
}
