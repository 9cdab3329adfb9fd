"""Checks a COSE receipt (RFC 9942) with nothing of Chengxin: cbor2 reads it, cryptography verifies it.

Arguments: the receipt, the leaf (files), the log's origin and its key (base64 of the 32 bytes of Ed25519).
Prints what was proved as JSON; ends with 1 and a reason where it was not.
"""

import base64
import hashlib
import json
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHM, KEY_ID, CWT_CLAIMS, STRUCTURE, PROOFS = 1, 4, 15, 395, 396


def root_of(leaf, size, index, path):
    """RFC 9162 section 2.1.3.2: climbs from the leaf to the root."""
    if index >= size:
        sys.exit("the index is beyond the tree")
    node, last = index, size - 1
    value = hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in path:
        if last == 0:
            sys.exit("the path is too long")
        if node % 2 == 1 or node == last:
            value = hashlib.sha256(b"\x01" + sibling + value).digest()
            while node % 2 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + sibling).digest()
        node, last = node >> 1, last >> 1
    if last != 0:
        sys.exit("the path is too short")
    return value


def main(receipt_file, leaf_file, origin, key):
    with open(receipt_file, "rb") as file:
        message = cbor2.loads(file.read())
    with open(leaf_file, "rb") as file:
        leaf = file.read()
    if message.tag != 18:
        sys.exit("no COSE_Sign1")
    protected, unprotected, payload, signature = message.value
    header = cbor2.loads(protected)
    if header[ALGORITHM] != -8 or header[STRUCTURE] != 1 or payload is not None:
        sys.exit("no receipt of inclusion by Ed25519")
    if header[CWT_CLAIMS][1] != origin:
        sys.exit("the receipt is of another log")
    size, index, path = cbor2.loads(unprotected[PROOFS][-1][0])
    root = root_of(leaf, size, index, path)
    signed = cbor2.dumps(["Signature1", protected, b"", root])
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, signed)
    except InvalidSignature:
        sys.exit("the signature does not hold")
    facts = {"size": size, "index": index, "root": base64.b64encode(root).decode(), "keyId": header[KEY_ID].hex()}
    print(json.dumps(facts))


main(*sys.argv[1:])
