/** A town that simulated members keep the books of: who lives there, and what they have signed. */
import {
  deriveDid,
  type Ed25519PublicJwk,
  joinJws,
  jwsSigningInput,
  privateJwkFrom,
  transactionHeaderText,
  type VerifySignature,
} from '@chengxin/crypto'
import { createSigner, createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Did, type Hash, type Json, type TimeMs, toBase64url, toUtf8 } from '@chengxin/kernel'
import { groupIdOf } from '@chengxin/ledger/execution/genesis'
import { indexRuleset, type RulesIndex } from '@chengxin/ledger/execution/rules-index'
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import { Random } from './random.ts'
import { give, replaceKey, retireKey, scheduleRules, townRules, voteValidator } from './town-rules.ts'

export const startMs = 1_750_000_000_000
/** A history lasts less than this, in the town's time. */
export const longestHistoryMs = 30 * 60_000

interface Signer {
  readonly did: Did
  readonly jwk: ReturnType<typeof createSigner>['jwk']
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

function signerOf(name: string, algorithm: 'EdDSA' | 'ES256' = 'EdDSA'): Signer {
  const signer = createSigner(privateJwkFrom(algorithm, sha256(toUtf8(`town ${name}`))))
  return { did: deriveDid(sha256, 'town', signer.jwk), ...signer }
}

const residents = ['ann', 'bo', 'cai', 'dora', 'eve', 'fan'].map((name, at) =>
  signerOf(name, at === 5 ? 'ES256' : 'EdDSA'),
)
const strangers = ['stan'].map((name) => signerOf(name))
/** Keys that residents may replace theirs with. */
const spareKeys = residents.map((_resident, at) => signerOf(`spare ${at}`))

const residentAt = (at: number) => residents[at] as Signer
const spareOf = (at: number) => spareKeys[at] as Signer

/** Validator keys by member; the first so many are in genesis, others may be voted in. */
export const memberKeys: readonly string[] = [...'ABCDEFG'].map(
  (name) => (signerOf(`validator ${name}`).jwk as Ed25519PublicJwk).x,
)
export const foundingMembers = 4

const logSigners = [...'ABCD'].map((name) => {
  const { jwk, sign } = signerOf(`validator ${name}`)
  return { jwk: jwk as Ed25519PublicJwk, sign }
})

/** What a founding member signs its log with, and the name under which the genesis has it. */
export const logSignerOf = (member: number) => logSigners[member] as (typeof logSigners)[number]
export const memberIdOf = (member: number): string => `member_number_${'abcdefg'[member]}`

/** What the two versions of the rules are called; no bundle stands behind them. */
const hashOf = (text: string) => toBase64url(sha256(toUtf8(text))) as Hash
export const plainRules: RulesIndex = indexRuleset(townRules('1.0.0-town', 0n), hashOf('town rules'))
export const feeRules: RulesIndex = indexRuleset(townRules('2.0.0-town', 1n), hashOf('town rules with a fee'))

const jwkOf = (name: string) => signerOf(name).jwk as Ed25519PublicJwk

export const townGenesis: GenesisDocument = {
  v: 1,
  chainId: 'town',
  origin: 'ledger.example/town',
  name: 'The town',
  suite: 'intl',
  createdAtMs: startMs as TimeMs,
  readPolicy: 'public',
  stateRootEvery: 8,
  ruleset: { version: plainRules.ruleset.version, hash: plainRules.hash as Hash },
  ca: '',
  members: [...'ABCD'].map((name) => ({
    memberId: `member_number_${name.toLowerCase()}`,
    certificate: '',
    adminDids: [residentAt(0).did],
    logKey: jwkOf(`validator ${name}`),
    cosignerKey: jwkOf(`cosigner ${name}`),
  })),
  committee: { dids: residents.slice(0, 3).map(({ did }) => did), threshold: 2 },
  identities: residents.map(({ did, jwk }, at) => ({ did, key: jwk, sponsor: `member_number_${'abcd'[at % 4]}` })),
  webauthn: [],
}

export const townGroup = groupIdOf(townGenesis)
export const purseHolders: readonly Did[] = residents.map(({ did }) => did)

const verifier = createVerifier()
const verdicts = new Map<string, boolean>()

/** Every distinct signature is judged by the real verifier, once for all members and histories: it is a pure function. */
export const verify: VerifySignature = (key, bytes, signature) => {
  const name = `${key.x} ${toBase64url(signature)} ${Buffer.from(bytes).toString('latin1')}`
  const known = verdicts.get(name)
  if (known !== undefined) return known
  const verdict = verifier.verify(key, bytes, signature)
  verdicts.set(name, verdict)
  return verdict
}

export const townHost: Host = Object.freeze({
  sha256,
  verifySignature: verify,
  deriveDid: (key: Parameters<Host['deriveDid']>[0]) => deriveDid(sha256, 'town', key),
  checkCertificate: () => {
    throw new Error('The town knows no certificates.')
  },
  openReceipt: knowsNoOthers,
  openState: knowsNoOthers,
  holdsInState: knowsNoOthers,
})

function knowsNoOthers(): never {
  throw new Error('The town knows no other groups.')
}

interface Action {
  readonly type: string
  readonly args: Json
}

/** One transaction of the pool, with the time until which it may enter a block. */
export interface SignedText {
  readonly jws: string
  readonly notAfterMs: number
}

let nonces = 0
const nextNonce = () => `nonce-${String(++nonces).padStart(8, '0')}`

function sign(signer: Signer, payload: Json, as: Did = signer.did): string {
  const algorithm = signer.jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256'
  const input = jwsSigningInput(transactionHeaderText(algorithm, as, 'key-1'), toUtf8(canonicalize(payload)))
  return joinJws(input, signer.sign(toUtf8(input)))
}

/**
 * Texts signed once for all histories, by kind: in each history a text is new. `again` spends the nonce of an earlier
 * text on other content, `forged` is signed by the wrong key, `replaced` by a key that only a replacement makes right.
 */
export type TextKind = keyof ReturnType<typeof signPool>

export function signPool(seed: string, size: number) {
  const random = new Random(`pool ${seed}`)
  const payload = (actions: readonly Action[], nonce: string, notAfter: number): Json => ({
    v: 1,
    group: townGroup,
    actions: actions as unknown as Json,
    notAfter,
    nonce,
  })
  /** Most are good for long enough; some expire soon, and some come too early to be let in at first. */
  const notAfterOf = () => startMs + random.between(5_000, longestHistoryMs)
  const gift = (to: Did, amount: number): Action => ({ type: give.type, args: { to, amount: String(amount) } })
  const anyGift = () => gift(random.pick(residents).did, random.pick([1, 5, 70, 400, 990, 1_500]))
  const make = (count: number, one: () => { readonly signer: Signer; readonly actions: readonly Action[] }) =>
    Array.from({ length: count }, (): SignedText => {
      const { signer, actions } = one()
      const notAfterMs = notAfterOf()
      return { jws: sign(signer, payload(actions, nextNonce(), notAfterMs)), notAfterMs }
    })
  const anybody = () => random.pick(residents)
  const voter = () => random.pick(residents.slice(0, 3))
  const plain = make(size, () => ({
    signer: anybody(),
    actions: Array.from({ length: random.pick([1, 1, 1, 2, 4]) }, anyGift),
  }))
  const replacements = Array.from({ length: Math.ceil(size / 8) }, () => random.below(residents.length))
  return {
    plain,
    votes: Array.from({ length: Math.ceil(size / 16) }, () => {
      const args = { key: random.pick(memberKeys), power: random.pick([0, 0, 1, 1, 2, 5]) }
      const voters = random.shuffled(residents.slice(0, 3)).slice(0, 2)
      return voters.map((signer) => {
        const notAfterMs = notAfterOf()
        const action = { type: voteValidator.type, args }
        return { jws: sign(signer, payload([action], nextNonce(), notAfterMs)), notAfterMs }
      })
    }).flat(),
    switches: make(Math.ceil(size / 16), () => ({
      signer: voter(),
      actions: [
        {
          type: scheduleRules.type,
          args: { hash: random.pick([plainRules, feeRules, feeRules]).hash, fromLeaf: random.below(60) },
        },
        anyGift(),
      ],
    })),
    retirements: make(Math.ceil(size / 32), () => ({
      signer: anybody(),
      actions: [{ type: retireKey.type, args: {} }],
    })),
    replacements: replacements.map((at): SignedText => {
      const notAfterMs = notAfterOf()
      const { x } = spareOf(at).jwk
      const action = { type: replaceKey.type, args: { key: { kty: 'OKP', crv: 'Ed25519', x } } }
      return { jws: sign(residentAt(at), payload([action], nextNonce(), notAfterMs)), notAfterMs }
    }),
    replaced: replacements.map((at): SignedText => {
      const notAfterMs = notAfterOf()
      const text = payload([anyGift()], nextNonce(), notAfterMs)
      return { jws: sign(spareOf(at), text, residentAt(at).did), notAfterMs }
    }),
    again: Array.from({ length: Math.ceil(size / 8) }, (): SignedText => {
      const { jws } = random.pick(plain)
      const { nonce, notAfter } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as {
        nonce: string
        notAfter: number
      }
      const signer = residents.find(({ did }) => headerOf(jws).startsWith(did)) as Signer
      return { jws: sign(signer, payload([anyGift()], nonce, notAfter)), notAfterMs: notAfter }
    }),
    forged: Array.from({ length: Math.ceil(size / 16) }, (): SignedText => {
      const notAfterMs = notAfterOf()
      const text = payload([anyGift()], nextNonce(), notAfterMs)
      const one = random.pick([...strangers, ...spareKeys])
      return { jws: sign(one, text, random.oneIn(2) ? one.did : residentAt(0).did), notAfterMs }
    }),
    unknown: make(Math.ceil(size / 16), () => ({
      signer: anybody(),
      actions: [
        random.pick([
          { type: 'purses.steal', args: {} },
          { type: give.type, args: { to: 'nobody' } },
        ]),
      ],
    })),
  }
}

function headerOf(jws: string): string {
  const { kid } = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
  return kid
}

export type Pool = ReturnType<typeof signPool>
