/**
 * Our own golden vectors, vectors/crypto/golden.json: the bytes of every format that is signed, hashed or kept, made
 * again from fixed seeds. A difference is a change that old logs and receipts do not survive. A change that is meant is
 * written with CHENGXIN_WRITE_VECTORS=1 and reviewed as what it is.
 */
import { createPrivateKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { canonicalize, type Did, expectOk, toBase64url, toHex, toUtf8 } from '@chengxin/kernel'
import { p256 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'
import { parseCertificate, refuseCertificate } from './certificate.ts'
import { issueCertificate } from './certificate-issue.ts'
import { addSignatures, checkpointBody, openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { commit } from './commitment.ts'
import { cosign } from './cosignature.ts'
import { deriveDid, didDocument } from './did.ts'
import { sha256 } from './hash.ts'
import { type Ed25519PublicJwk, type PrivateJwk, type PublicJwk, thumbprint } from './jwk.ts'
import { joinJws, jwsSigningInput } from './jws.ts'
import { createFrontier, createTreeHasher } from './merkle.ts'
import { inclusionProof } from './merkle-proof.ts'
import { createSigner, type Signer } from './node/sign.ts'
import { createNoteKey, encodeVkey, noteSignatureTypes } from './note.ts'
import { encodeEntryBundle, tilePath, tilesOfTree } from './tiles.ts'
import { encodeTlogProof, verifyTlogProof } from './tlog-proof.ts'
import {
  parseTransactionJws,
  type TransactionAlgorithm,
  transactionHeaderText,
  transactionId,
} from './transaction-jws.ts'
import { type VerifySignature, verifySignaturePortably } from './verify.ts'
import { webauthnChallenge, webauthnSignaturePart, webauthnSignedBytes } from './webauthn.ts'

const hasher = createTreeHasher(sha256)
const seed = (name: string) => sha256(toUtf8(`golden ${name}`))

function edwardsSigner(name: string): Signer {
  const der = Uint8Array.of(...hexBytes('302e020100300506032b657004220420'), ...seed(name))
  return createSigner(privateJwkOf(der))
}

function privateJwkOf(pkcs8: Uint8Array): PrivateJwk {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  }) as unknown as PrivateJwk
}

/** RFC 6979 makes these signatures the same every time. */
function weierstrassSigner(name: string): Signer {
  const secret = seed(name)
  const point = p256.getPublicKey(secret, false)
  const jwk: PublicJwk = {
    kty: 'EC',
    crv: 'P-256',
    x: toBase64url(point.slice(1, 33)),
    y: toBase64url(point.slice(33)),
  }
  return { jwk, sign: (bytes) => p256.sign(bytes, secret, { lowS: true }) }
}

function hexBytes(hex: string): number[] {
  return (hex.match(/../g) as string[]).map((byte) => Number.parseInt(byte, 16))
}

const [edwards, weierstrass] = [edwardsSigner('EdDSA'), weierstrassSigner('ES256')]
const payload = canonicalize({
  v: 1,
  group: 'A'.repeat(43),
  actions: [{ type: 'points.transfer', args: { 名: '城信' } }],
})

function keys() {
  return [edwards, weierstrass].map(({ jwk }) => {
    const did = deriveDid(sha256, 'golden', jwk)
    return {
      jwk,
      thumbprint: thumbprint(sha256, jwk),
      did,
      document: didDocument({ did, keys: [{ keyId: 'first', jwk }] }),
    }
  })
}

function transactions() {
  const make = (algorithm: TransactionAlgorithm, jwk: PublicJwk, sign: (bytes: Uint8Array) => Uint8Array) => {
    const did: Did = deriveDid(sha256, 'golden', jwk)
    const signingInput = jwsSigningInput(transactionHeaderText(algorithm, did, 'first'), toUtf8(payload))
    const bytes = toUtf8(signingInput)
    return { algorithm, jwk, id: transactionId(sha256, bytes), jws: joinJws(signingInput, sign(bytes)) }
  }
  return [
    make('EdDSA', edwards.jwk, edwards.sign),
    make('ES256', weierstrass.jwk, weierstrass.sign),
    make('WebAuthn-ES256', weierstrass.jwk, passkeySignature),
  ]
}

const relyingParty = { rpId: 'id.golden.example', origins: ['https://golden.example'] }

function passkeySignature(signingInput: Uint8Array): Uint8Array {
  const challenge = toBase64url(webauthnChallenge(sha256, signingInput))
  const client = { type: 'webauthn.get', challenge, origin: 'https://golden.example', crossOrigin: false }
  const clientDataJSON = toUtf8(JSON.stringify(client))
  const authenticatorData = Uint8Array.of(...sha256(toUtf8(relyingParty.rpId)), 0x1d, 0, 0, 0, 0)
  const signature = weierstrass.sign(Uint8Array.of(...authenticatorData, ...sha256(clientDataJSON)))
  const signatureDer = p256.Signature.fromBytes(signature).toBytes('der')
  return expectOk(webauthnSignaturePart({ authenticatorData, clientDataJSON, signatureDer }))
}

const origin = 'golden.example/group'
const [logSigner, cosigner] = [edwardsSigner('log key'), edwardsSigner('cosigner key')]
const logKey = createNoteKey(sha256, origin, noteSignatureTypes.ed25519, logSigner.jwk as Ed25519PublicJwk)
const cosignerKey = createNoteKey(
  sha256,
  'member1.golden.example',
  noteSignatureTypes.cosignature,
  cosigner.jwk as Ed25519PublicJwk,
)
const policy = { origin, logKeys: [logKey], logThreshold: 1, cosignerKeys: [cosignerKey], cosignerThreshold: 1 }

function log() {
  const leaves = Array.from({ length: 300 }, (_, index) => toUtf8(canonicalize({ height: index + 1, v: 1 })))
  const nodes: Uint8Array[][] = []
  const frontier = createFrontier(hasher)
  for (const leaf of leaves) {
    frontier.append(hasher.leaf(leaf), (level, _index, hash) => {
      nodes[level] ??= []
      nodes[level].push(hash)
    })
  }
  const checkpoint = { origin, size: 300, root: frontier.root(), extensions: [] }
  const signed = signCheckpoint(checkpoint, [{ key: logKey, sign: logSigner.sign }])
  const cosignature = cosign(checkpointBody(checkpoint), { key: cosignerKey, sign: cosigner.sign }, 1_800_000_000)
  const cosigned = expectOk(addSignatures(signed, [cosignature]))
  const hashes = inclusionProof(hasher, (level, index) => nodes[level]?.[index] as Uint8Array, 256, 300)
  return {
    frontier: frontier.state().hashes.map(toHex),
    tiles: [...tilesOfTree(300)].map(tilePath),
    lastBundle: toHex(sha256(encodeEntryBundle(leaves.slice(256)))),
    vkeys: [logKey, cosignerKey].map(encodeVkey),
    checkpoint: cosigned,
    receipt: encodeTlogProof({ index: 256, hashes, checkpoint: cosigned, extra: leaves[256] as Uint8Array }),
  }
}

function certificate() {
  const issuer = { subject: { commonName: 'Golden Root', organizationName: 'Golden City' }, ...edwards }
  const order = { serial: Uint8Array.of(1, 2, 3), notBeforeMs: 1_800_000_000_000, notAfterMs: 2_600_000_000_000 }
  const ca = issueCertificate({ ...order, subject: issuer.subject, jwk: edwards.jwk, isCa: true }, issuer)
  const subject = { commonName: 'node1.golden.example', organizationName: '大學' }
  return [ca, issueCertificate({ ...order, subject, jwk: weierstrass.jwk }, issuer)].map(toBase64url)
}

const golden = {
  keys: keys(),
  transactions: transactions(),
  log: log(),
  certificates: certificate(),
  commitment: commit(sha256, { salt: seed('salt'), value: toUtf8(payload) }),
}

const path = new URL('../../../vectors/crypto/golden.json', import.meta.url)
if (process.env.CHENGXIN_WRITE_VECTORS === '1') writeFileSync(path, `${JSON.stringify(golden, undefined, 2)}\n`)
const kept = JSON.parse(readFileSync(path, 'utf8')) as typeof golden

test.each(Object.keys(golden) as (keyof typeof golden)[])('%s are made as they always were', (part) => {
  expect(golden[part]).toEqual(kept[part])
})

describe('what was kept still verifies', () => {
  const verify: VerifySignature = verifySignaturePortably

  test('transactions', () => {
    for (const { algorithm, jwk, jws } of kept.transactions) {
      const { signingInput, signature, payloadText } = expectOk(parseTransactionJws(jws))
      expect(payloadText).toBe(payload)
      const check = { sha256, relyingParty, signingInput, signaturePart: signature }
      const signed =
        algorithm === 'WebAuthn-ES256' ? expectOk(webauthnSignedBytes(check)) : { signedBytes: signingInput, signature }
      expect(verify(jwk, signed.signedBytes, signed.signature)).toBe(true)
    }
  })

  test('checkpoint and receipt', () => {
    expect(expectOk(openCheckpoint(kept.log.checkpoint, policy, verify)).checkpoint.size).toBe(300)
    const proved = expectOk(verifyTlogProof(kept.log.receipt, { hasher, policy, verify }))
    expect(new TextDecoder().decode(proved.leaf)).toBe('{"height":257,"v":1}')
  })

  test('certificates', () => {
    const [ca, leaf] = kept.certificates.map((text) =>
      expectOk(parseCertificate(Uint8Array.from(Buffer.from(text, 'base64url')))),
    )
    if (!ca || !leaf) throw new Error('two certificates')
    expect(refuseCertificate({ certificate: leaf, ca, verify, atMs: 2_000_000_000_000 })).toBeUndefined()
  })
})
