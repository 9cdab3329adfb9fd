/**
 * What a header's hash is worth: the votes for it. A member that joins knows some validators by their keys before it knows
 * anything else, and takes a header for the group's when more than two thirds of those have signed it. The bytes of a vote
 * are CometBFT's CanonicalVote (0.38, spec/core/encoding.md): protobuf behind its length.
 */
import type { VerifySignature } from '@chengxin/crypto'
import { WireWriter } from '../ordering/cometbft/wire.ts'

/** An answer of the engine's `commit`, as far as it is read here. Everything in it is unproved. */
interface CommitAnswer {
  readonly height: string
  readonly round: number
  readonly block_id: { readonly hash: string; readonly parts: { readonly total: number; readonly hash: string } }
  readonly signatures: readonly CommitSignature[]
}

interface CommitSignature {
  readonly block_id_flag: number
  readonly timestamp: string
  readonly signature: string | null
}

export interface CommitPolicy {
  readonly chainId: string
  readonly height: number
  /** Public keys (Ed25519, base64url) of the validators that are known; each has one vote. */
  readonly validators: readonly string[]
  /** The key of the member that joins, where it may have validated before it lost what it had. */
  readonly own?: string
  readonly verify: VerifySignature
}

const precommit = 2
const votedForBlock = 2

/**
 * The hash (hex) of the header that more than two thirds of the known validators have signed, or nothing. A member that
 * comes back may count its own vote beside theirs, which nobody else can have cast: of four, the others may be two then.
 */
export function provenHeader(answer: unknown, policy: CommitPolicy): string | undefined {
  const { height, validators, own } = policy
  const commit = commitOf(answer)
  if (commit === undefined || commit.height !== String(height)) return undefined
  const signers = signersOf(commit, policy)
  const others = validators.filter((x) => x !== own)
  const signed = others.filter((x) => signers.has(x)).length
  const isProven =
    isQuorum(signed, others.length) ||
    (own !== undefined && signers.has(own) && isQuorum(signed + 1, others.length + 1))
  return isProven ? commit.block_id.hash.toUpperCase() : undefined
}

/** More than two thirds. */
function isQuorum(signed: number, count: number): boolean {
  return signed * 3 > count * 2
}

function signersOf(commit: CommitAnswer, { chainId, validators, own, verify }: CommitPolicy): ReadonlySet<string> {
  const signers = new Set<string>()
  const keys = own === undefined ? validators : [...validators, own]
  for (const { block_id_flag: flag, timestamp, signature } of commit.signatures) {
    const time = flag === votedForBlock ? timeOf(timestamp) : undefined
    if (time === undefined || typeof signature !== 'string') continue
    const bytes = voteBytes(commit, chainId, time)
    // Whose vote it is stands nowhere that could be believed: it is of the key that it verifies under.
    const signer = keys.find(
      (x) => !signers.has(x) && verify({ kty: 'OKP', crv: 'Ed25519', x }, bytes, Buffer.from(signature, 'base64')),
    )
    if (signer !== undefined) signers.add(signer)
  }
  return signers
}

function commitOf(answer: unknown): CommitAnswer | undefined {
  const { signed_header: header } = (answer ?? {}) as { readonly signed_header?: { readonly commit?: unknown } }
  const commit = header?.commit as Partial<CommitAnswer> | null | undefined
  const { parts, hash } = commit?.block_id ?? {}
  const isWhole =
    typeof commit?.height === 'string' &&
    Number.isSafeInteger(commit.round) &&
    isHex(hash) &&
    isHex(parts?.hash) &&
    Number.isSafeInteger(parts?.total) &&
    Array.isArray(commit.signatures) &&
    commit.signatures.length <= 1_000 &&
    commit.signatures.every((one: unknown) => typeof one === 'object' && one !== null)
  return isWhole ? (commit as CommitAnswer) : undefined
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-Fa-f]{64}$/.test(value)
}

interface VoteTime {
  readonly seconds: number
  readonly nanos: number
}

const timePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/

function timeOf(text: unknown): VoteTime | undefined {
  const [, second, fraction = ''] = (typeof text === 'string' ? timePattern.exec(text) : undefined) ?? []
  const timeMs = second === undefined ? Number.NaN : Date.parse(`${second}Z`)
  return Number.isNaN(timeMs) ? undefined : { seconds: timeMs / 1000, nanos: Number(fraction.padEnd(9, '0')) }
}

function voteBytes({ height, round, block_id: block }: CommitAnswer, chainId: string, time: VoteTime): Uint8Array {
  const writer = new WireWriter()
  writer.delimited(() => {
    writer.integer(1, precommit)
    writer.fixed64(2, Number(height))
    writer.fixed64(3, round)
    writer.message(4, () => {
      writer.bytes(1, Buffer.from(block.hash, 'hex'))
      writer.message(2, () => {
        writer.integer(1, block.parts.total)
        writer.bytes(2, Buffer.from(block.parts.hash, 'hex'))
      })
    })
    writer.message(5, () => {
      writer.integer(1, time.seconds)
      writer.integer(2, time.nanos)
    })
    writer.text(6, chainId)
  })
  return writer.take()
}
