#!/usr/bin/env python3
"""Checks a certificate against a trust bundle with Python's standard library and the openssl program, nothing of ours.

    python3 check_certificate.py CERTIFICATE BUNDLE [GROUP]

Every step is one function of a few lines, so that a reader can hold it against the standard it names. It prints one line a
check and ends with 0 where all of them pass. It asks less than the audit package does (no periods of keys and rights, no
presentation by the holder, no strictness about foreign spellings): it shows that the numbers are what they should be.
"""
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import zlib


def main() -> int:
    certificate = open(sys.argv[1], encoding="ascii").read().strip()
    envelope = json.load(open(sys.argv[2], encoding="utf-8"))
    bundle = json.loads(unbase64url(envelope["payload"]))
    jwt, *disclosures = certificate.split("~")[:-1]
    header, payload = (json.loads(unbase64url(part)) for part in jwt.split(".")[:2])
    fields = [json.loads(unbase64url(text)) for text in disclosures]
    anchor = next((field[2] for field in fields if field[1] == "anchor"), None)

    results = [report("bundle", check_bundle(envelope, bundle, sys.argv[3] if len(sys.argv) > 3 else bundle["group"]))]
    results.append(report("format", check_disclosures(payload, disclosures)))
    results.append(report("signature", check_issuer(jwt, header, bundle)))
    results.append(report("anchor", anchor is not None and check_anchor(header, payload, disclosures, anchor, bundle)))
    results.append(report("receipt", anchor is not None and check_receipt(anchor["receipt"], bundle)))
    results.append(report("status", check_status(payload, bundle)))
    return 0 if all(results) else 1


def check_bundle(envelope: dict, bundle: dict, group: str) -> bool:
    """JWS in general JSON form (RFC 7515 section 7.2.1), signed by the committee that the genesis names."""
    if hash64(canonical(bundle["genesis"])) != group or bundle["expiresAtMs"] <= time.time() * 1000:
        return False
    genesis = bundle["genesis"]
    keys = {f"{each['did']}#key-1": each["key"] for each in genesis["identities"]}
    signed = set()
    for each in envelope["signatures"]:
        kid = json.loads(unbase64url(each["protected"]))["kid"]
        did = kid.split("#")[0]
        message = f"{each['protected']}.{envelope['payload']}".encode()
        if did in genesis["committee"]["dids"] and verifies(keys[kid], message, unbase64url(each["signature"])):
            signed.add(did)
    return len(signed) >= genesis["committee"]["threshold"]


def check_disclosures(payload: dict, disclosures: list) -> bool:
    """RFC 9901 section 4.2.3: the digest is over the base64url text; each is one that the issuer wrote, and no two alike."""
    digests = [hash64(text.encode()) for text in disclosures]
    return len(set(digests)) == len(digests) and all(digest in payload["_sd"] for digest in digests)


def check_issuer(jwt: str, header: dict, bundle: dict) -> bool:
    keys = {key["kid"]: key["jwk"] for issuer in bundle["issuers"] for key in issuer["keys"]}
    message, signature = jwt.rsplit(".", 1)
    return header["kid"] in keys and verifies(keys[header["kid"]], message.encode(), unbase64url(signature))


def check_anchor(header: dict, payload: dict, disclosures: list, anchor: dict, bundle: dict) -> bool:
    """The salted commitment, and its way up to the root that the issuer anchored (RFC 6962 section 2.1)."""
    fields = [text for text in disclosures if json.loads(unbase64url(text))[1] != "anchor"]
    anchor_text = next(text for text in disclosures if text not in fields)
    digests = sorted(digest for digest in payload["_sd"] if digest != hash64(anchor_text.encode()))
    content = {
        "vct": payload["vct"],
        "iss": payload["iss"],
        "cnf": hash64(canonical(payload["cnf"]["jwk"])),
        "status": payload["status"]["status_list"],
        "sd": digests,
    }
    plain = {name: payload[name] for name in payload if name not in ("vct", "iss", "iat", "cnf", "status", "_sd", "_sd_alg")}
    if plain:
        content["plain"] = plain
    salt = unbase64url(anchor["salt"])
    tagged = b"chengxin-commitment-v1\0" + bytes([len(salt)]) + salt + canonical(content)
    path = [unbase64url(each) for each in anchor["path"]]
    root = root_of(sha256(tagged), anchor["index"], anchor["batchSize"], path)
    leaf = json.loads(receipt_parts(anchor["receipt"])[0])
    protected, request, _ = leaf["jws"].split(".")
    signer = json.loads(unbase64url(protected))["kid"].split("#")[0]
    types = {each["typeId"]: each["vct"] for each in bundle["types"]}
    return leaf["code"] == "ok" and any(
        action["type"] == "credentials.anchorBatch"
        and action["args"]["root"] == base64url(root)
        and action["args"]["count"] == anchor["batchSize"]
        and types.get(action["args"]["typeId"]) == payload["vct"]
        and action.get("for", signer) == header["kid"].split("#")[0]
        for action in json.loads(unbase64url(request))["actions"]
    )


def check_receipt(text: str, bundle: dict) -> bool:
    """C2SP tlog-proof: the leaf is in the tree, and the tree's checkpoint is signed by the log and cosigned."""
    leaf, index, path, checkpoint = receipt_parts(text)
    body, signatures = checkpoint.split("\n\n", 1)
    origin, size, root = body.split("\n")[:3]
    if origin != bundle["genesis"]["origin"] or root_of(leaf, index, int(size), path) != base64.b64decode(root):
        return False
    logs = cosigners = 0
    for line in signatures.strip().split("\n"):
        _, name, blob = line.split(" ")
        signature = base64.b64decode(blob)
        for vkey in bundle["logKeys"]:
            if is_of(vkey, name, signature):
                logs += verifies(key_of(vkey), f"{body}\n".encode(), signature[4:])
        for vkey in bundle["cosigners"]:
            if is_of(vkey, name, signature):
                at = int.from_bytes(signature[4:12], "big")
                message = f"cosignature/v1\ntime {at}\n{body}\n".encode()
                cosigners += verifies(key_of(vkey), message, signature[12:])
    return logs >= 1 and cosigners >= bundle["quorum"]


def check_status(payload: dict, bundle: dict) -> bool:
    """Token Status List: two bits a certificate, the lowest bits first, compressed with zlib."""
    reference = payload["status"]["status_list"]
    token = next((each["token"] for each in bundle["statusLists"] if each["uri"] == reference["uri"]), None)
    if token is None or not check_issuer(token, json.loads(unbase64url(token.split(".")[0])), bundle):
        return False
    claims = json.loads(unbase64url(token.split(".")[1]))
    statuses = zlib.decompress(unbase64url(claims["status_list"]["lst"]))
    per_byte = 8 // claims["status_list"]["bits"]
    byte = statuses[reference["idx"] // per_byte]
    status = byte >> (reference["idx"] % per_byte * claims["status_list"]["bits"]) & (2 ** claims["status_list"]["bits"] - 1)
    return claims["sub"] == reference["uri"] and status == 0


def receipt_parts(text: str):
    head, checkpoint = text.split("\n\n", 1)
    lines = head.split("\n")
    leaf = base64.b64decode(lines[1].removeprefix("extra "))
    return leaf, int(lines[2].removeprefix("index ")), [base64.b64decode(line) for line in lines[3:]], checkpoint


def root_of(leaf: bytes, index: int, size: int, path: list) -> bytes:
    """RFC 9162 section 2.1.3.2."""
    here, last, node = index, size - 1, sha256(b"\0" + leaf)
    for sibling in path:
        if here & 1 or here == last:
            node = sha256(b"\1" + sibling + node)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + sibling)
        here, last = here >> 1, last >> 1
    return node if last == 0 else b""


def key_of(vkey: str) -> dict:
    raw = base64.b64decode(vkey.split("+", 2)[2])
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw[1:])}


def is_of(vkey: str, name: str, signature: bytes) -> bool:
    named, key_id, _ = vkey.split("+", 2)
    return named == name and signature[:4].hex() == key_id


def verifies(jwk: dict, message: bytes, signature: bytes) -> bool:
    """openssl's word on a signature; it wants keys and ECDSA signatures in DER, so both are written out."""
    if jwk["crv"] == "Ed25519":
        key = bytes.fromhex("302a300506032b6570032100") + unbase64url(jwk["x"])
        command = ["pkeyutl", "-verify", "-rawin"]
    else:
        point = b"\4" + unbase64url(jwk["x"]) + unbase64url(jwk["y"])
        key = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + point
        signature = der_sequence(signature[:32], signature[32:])
        command = ["pkeyutl", "-verify", "-rawin", "-digest", "sha256"]
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: f"{folder}/{name}" for name in ("key", "message", "signature")}
        for name, data in (("key", key), ("message", message), ("signature", signature)):
            open(paths[name], "wb").write(data)
        files = ["-pubin", "-keyform", "DER", "-inkey", paths["key"], "-in", paths["message"], "-sigfile", paths["signature"]]
        return subprocess.run(["openssl", *command, *files], capture_output=True, check=False).returncode == 0


def der_sequence(*numbers: bytes) -> bytes:
    body = b""
    for number in numbers:
        number = number.lstrip(b"\0") or b"\0"
        number = b"\0" + number if number[0] & 128 else number
        body += bytes([2, len(number)]) + number
    return bytes([48, len(body)]) + body


def canonical(value) -> bytes:
    """RFC 8785, for what stands in certificates and bundles: names in order, no spaces, no numbers but integers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hash64(data: bytes) -> str:
    return base64url(sha256(data))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def report(name: str, holds: bool) -> bool:
    print(f"{name:<10}{'pass' if holds else 'FAIL'}")
    return bool(holds)


if __name__ == "__main__":
    sys.exit(main())
