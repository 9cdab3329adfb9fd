/**
 * A small city for the tests of proofs: a committee, a log, an issuer and certificates, all with real keys and real
 * signatures, written from the formats alone and without the code that the services issue with. Every part can be made
 * wrong on purpose: whoever calls hands in what to change.
 */
import { deflateSync } from 'node:zlib'
import {
  algorithmOf,
  createFrontier,
  createTreeHasher,
  deriveDid,
  inclusionProof,
  type NodeReader,
  type PrivateJwk,
  type PublicJwk,
  privateJwkFrom,
  publicPart,
  type SignatureAlgorithm,
  sha256,
  signPortably,
  thumbprint,
} from '@chengxin/crypto'
import {
  canonicalize,
  concatBytes,
  type Did,
  type GroupId,
  type JsonObject,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import { authorityDer } from './group-authority.ts'
import { type CheckpointOptions, createTestLog } from './test-log.ts'

export const vct = 'https://university.example/degree'
export const statusUri = 'https://node.example/v1/groups/g/status-lists/list_one'

export interface Actor {
  readonly did: Did
  readonly kid: string
  readonly jwk: PublicJwk
  readonly privateJwk: PrivateJwk
}

/** Somebody with a key of its own, the same at every run. */
export function actor(name: string, algorithm: SignatureAlgorithm = 'EdDSA'): Actor {
  const privateJwk = privateJwkFrom(algorithm, sha256(toUtf8(`test key of ${name}`)))
  const jwk = publicPart(privateJwk)
  const did = deriveDid(sha256, 'test', jwk)
  return { did, kid: `${did}#key-1`, jwk, privateJwk }
}

const encode = (value: unknown) => toBase64url(toUtf8(typeof value === 'string' ? value : canonicalize(value)))
const digestOf = (text: string) => toBase64url(sha256(toUtf8(text)))

/** A compact JWS over these, signed by that key. */
export function signJws(header: object, payload: object, { privateJwk }: Pick<Actor, 'privateJwk'>): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${toBase64url(signPortably(privateJwk, toUtf8(input)))}`
}

export interface CertificatePlan {
  readonly claims: JsonObject
  /** Absent: the certificate names no status list. */
  readonly statusIndex?: number
  readonly holder: Actor
}

export interface IssueChanges {
  readonly issuer?: Actor
  readonly anchoredBy?: Actor
  readonly principal?: Did
  readonly typeId?: string
  readonly code?: string
  readonly timeMs?: number
  readonly count?: number
  readonly actionType?: string
  readonly header?: JsonObject
  /** Members in plain sight, beside those that every certificate has. */
  readonly payload?: JsonObject
  readonly leaf?: JsonObject
  /** Arguments of another anchoring, before this one in the same transaction. */
  readonly alsoAnchors?: JsonObject
  readonly signedBy?: Actor
  readonly checkpoint?: CheckpointOptions
  /** What becomes of the proof of anchoring; `undefined` leaves it out. */
  readonly anchor?: (claim: JsonObject) => unknown
}

export const startMs = 1_800_000_000_000

/** One group with everything around it. `extraLeaves` are transactions that came before; `ca` is what genesis names. */
export function createCertificateCity(extraLeaves = 5, ca: string | null = toBase64url(authorityDer)) {
  const committee = ['bureau', 'university', 'office'].map((name) => actor(name))
  const issuer = actor('issuer', 'ES256')
  const log = createTestLog('city.example/groups/test', ['bureau', 'university', 'office'])
  const genesis = {
    v: 1,
    chainId: 'test',
    origin: log.origin,
    ...(ca !== null && { ca }),
    identities: [...committee, issuer].map(({ did, jwk }) => ({ did, key: jwk, sponsor: 'member_one' })),
    committee: { dids: committee.map(({ did }) => did), threshold: 2 },
  }
  const group = digestOf(canonicalize(genesis)) as GroupId
  let height = 0

  function transaction(signer: Actor, actions: readonly object[], nonce = `nonce${log.size}_00`): string {
    const header = { alg: algorithmOf(signer.jwk), kid: signer.kid, typ: 'chengxin-tx+jws' }
    return signJws(header, { v: 1, group, actions, notAfter: startMs + 300_000, nonce }, signer)
  }

  function append(jws: string, change: JsonObject = {}): number {
    height++
    const hash = digestOf('nothing')
    const leaf = {
      v: 1,
      height,
      timeMs: startMs + height,
      position: 0,
      jws,
      code: 'ok',
      eventsHash: hash,
      writesHash: hash,
    }
    return log.append({ ...leaf, ...change })
  }

  for (let index = 0; index < extraLeaves; index++) {
    append(transaction(committee[0] as Actor, [{ type: 'identity.deactivate', args: {} }]))
  }

  /** Anchors one batch of certificates and signs them. */
  function issue(plans: readonly CertificatePlan[], change: IssueChanges = {}): string[] {
    const by = change.issuer ?? issuer
    const drafts = plans.map((plan, index) => draft(plan, by, index, change.payload))
    const tree = treeOf(drafts.map(({ commitment }) => commitment))
    const batch = {
      batchId: `batch_${log.size}_x`,
      typeId: change.typeId ?? 'type_degree',
      count: change.count ?? plans.length,
    }
    const args = { ...batch, root: toBase64url(tree.root) }
    const action = {
      type: change.actionType ?? 'credentials.anchorBatch',
      args,
      ...(change.principal && { for: change.principal }),
    }
    const other = change.alsoAnchors && { ...action, args: { ...args, ...change.alsoAnchors } }
    const at = append(transaction(change.anchoredBy ?? by, other ? [other, action] : [action]), {
      ...(change.code && { code: change.code }),
      ...(change.timeMs !== undefined && { timeMs: change.timeMs }),
      ...change.leaf,
    })
    const receipt = log.receipt(at, change.checkpoint)
    return drafts.map(({ payload, digests, disclosures, salt }, index) => {
      const claim = { salt, index, path: tree.path(index), batchSize: plans.length, receipt }
      const value = change.anchor ? change.anchor(claim) : claim
      const anchor = value === undefined ? undefined : encode(['anchor-salt-of-16b', 'anchor', value])
      const sd = [...digests, ...(anchor === undefined ? [] : [digestOf(anchor)])].sort()
      const header = { alg: algorithmOf(by.jwk), kid: by.kid, typ: 'dc+sd-jwt', ...change.header }
      const jwt = signJws(header, { ...payload, _sd: sd, ...change.payload }, change.signedBy ?? by)
      return `${[jwt, ...disclosures, ...(anchor === undefined ? [] : [anchor])].join('~')}~`
    })
  }

  function statusToken(
    statuses: readonly (readonly [number, number])[],
    change: JsonObject = {},
    by = issuer,
    header: JsonObject = {},
  ): string {
    const bytes = new Uint8Array(64)
    for (const [index, value] of statuses)
      bytes[index >> 2] = (bytes[index >> 2] as number) | (value << ((index & 3) * 2))
    const list = { bits: 2, lst: toBase64url(new Uint8Array(deflateSync(bytes))) }
    const payload = { sub: statusUri, iat: startMs / 1000, exp: startMs / 1000 + 86_400, status_list: list, ...change }
    return signJws({ alg: algorithmOf(by.jwk), kid: by.kid, typ: 'statuslist+jwt', ...header }, payload, by)
  }

  /** What the committee would sign; callers change it and sign it themselves, or call `bundle`. */
  function bundlePayload(statuses: readonly (readonly [number, number])[] = []) {
    const display = { en: { name: 'Degree', claims: { degree: 'Degree' } } }
    return {
      v: 1,
      group,
      genesis: genesis as unknown as JsonObject,
      sequence: 7,
      issuedAtMs: startMs + 60_000,
      expiresAtMs: startMs + 86_400_000,
      logKeys: log.logKeys,
      cosigners: log.cosigners,
      quorum: 2,
      committee: { keys: committee.map(({ kid, jwk }) => ({ kid, jwk })), threshold: 2 },
      issuers: [
        {
          did: issuer.did,
          name: 'Example University',
          domain: 'university.example',
          keys: [{ kid: issuer.kid, jwk: issuer.jwk, fromMs: startMs }],
          types: [{ typeId: 'type_degree', vct, fromMs: startMs }],
        },
      ],
      types: [
        {
          typeId: 'type_degree',
          vct,
          schemaHash: digestOf('schema'),
          displayHash: digestOf(canonicalize(display)),
          display,
        },
      ],
      statusLists: [
        {
          uri: statusUri,
          listId: 'list_one',
          version: 3,
          anchoredAtMs: startMs + 50_000,
          token: statusToken(statuses),
        },
      ],
      checkpoint: log.checkpoint(),
    }
  }

  function signBundle(payload: object, signers: readonly Actor[] = committee.slice(0, 2)): string {
    const encoded = encode(payload)
    const signatures = signers.map(({ kid, jwk, privateJwk }) => {
      const header = encode({ alg: algorithmOf(jwk), kid, typ: 'chengxin-bundle+jws' })
      return { protected: header, signature: toBase64url(signPortably(privateJwk, toUtf8(`${header}.${encoded}`))) }
    })
    return canonicalize({ payload: encoded, signatures })
  }

  return { committee, issuer, log, genesis, group, transaction, append, issue, statusToken, bundlePayload, signBundle }
}

function draft({ claims, statusIndex, holder }: CertificatePlan, by: Actor, index: number, plain?: JsonObject) {
  const disclosures = Object.entries(claims).map(([name, value]) => encode([`salt-${index}-${name}`, name, value]))
  const digests = disclosures.map(digestOf).sort()
  const list = statusIndex === undefined ? undefined : { idx: statusIndex, uri: statusUri }
  const status = list && { status_list: list }
  const payload = { iss: by.did, iat: startMs / 1000, vct, cnf: { jwk: holder.jwk }, status, _sd_alg: 'sha-256' }
  const salt = sha256(toUtf8(`salt ${index}`)).slice(0, 16)
  const content = { vct, iss: by.did, cnf: thumbprint(sha256, holder.jwk), status: list, sd: digests, plain }
  const tagged = concatBytes(
    toUtf8('chengxin-commitment-v1'),
    Uint8Array.of(0, salt.length),
    salt,
    toUtf8(canonicalize(content)),
  )
  return { payload, digests, disclosures, salt: toBase64url(salt), commitment: sha256(tagged) }
}

function treeOf(leaves: readonly Uint8Array[]) {
  const hasher = createTreeHasher(sha256)
  const frontier = createFrontier(hasher)
  const levels: Uint8Array[][] = []
  for (const leaf of leaves) {
    frontier.append(hasher.leaf(leaf), (level, index, hash) => {
      const row = (levels[level] ??= [])
      row[index] = hash
    })
  }
  const read: NodeReader = (level, index) => levels[level]?.[index] as Uint8Array
  const path = (index: number) => inclusionProof(hasher, read, index, leaves.length).map(toBase64url)
  return { root: frontier.root(), path }
}

/** A live presentation: the certificate with the holder's proof over it. */
export function present(certificate: string, holder: Actor, claims: JsonObject, header: JsonObject = {}): string {
  const sdHash = digestOf(certificate)
  const proof = { alg: algorithmOf(holder.jwk), typ: 'kb+jwt', ...header }
  return certificate + signJws(proof, { sd_hash: sdHash, ...claims }, holder)
}
