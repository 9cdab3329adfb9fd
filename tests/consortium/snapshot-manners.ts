/** What a member that means no good does to the snapshots it serves, and the keys with which members sign theirs. */
import { type PrivateJwk, privateJwkFrom } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { SnapshotCalls } from '../../packages/ledger/src/ordering/application.ts'
import type { SnapshotOffer } from '../../packages/ledger/src/ordering/port.ts'
import type { SnapshotManners } from './member.ts'

/** The log key of the member of this name. */
export function logKeyOf(memberId: string): PrivateJwk {
  return privateJwkFrom('EdDSA', sha256(toUtf8(`consortium test log ${memberId}`)))
}

type Chunk = Uint8Array | undefined

export function manneredSnapshots(manners: SnapshotManners, calls: SnapshotCalls): SnapshotCalls {
  const load = (offer: SnapshotOffer, index: number): Chunk => calls.loadSnapshotChunk(offer, index)
  switch (manners) {
    case 'honest':
      return calls
    case 'truncates':
      return { ...calls, loadSnapshotChunk: (offer, index) => load(offer, index)?.subarray(0, -1) }
    case 'swaps':
      return { ...calls, loadSnapshotChunk: (offer, index) => load(offer, offer.chunks - 1 - index) }
    case 'oversizes':
      return {
        ...calls,
        loadSnapshotChunk: (offer, index) => Buffer.concat([load(offer, index) ?? noBytes, Buffer.alloc(12_000_000)]),
      }
    case 'renames':
      return { ...calls, listSnapshots: () => calls.listSnapshots().map((one) => ({ ...one, hash: otherHash })) }
    case 'forges':
      return { ...calls, ...forgedSnapshots(calls) }
  }
}

const noBytes = new Uint8Array(0)
const otherHash = toBase64url(sha256(toUtf8('another snapshot')))

interface Manifest {
  readonly chunks: readonly { readonly kind: string; readonly hash: string }[]
}

/** A snapshot of its own making under the agreed head: rows of its own, named by a manifest that fits them. */
function forgedSnapshots(calls: SnapshotCalls): Pick<SnapshotCalls, 'listSnapshots' | 'loadSnapshotChunk'> {
  const rows = Buffer.from([1, 0, 1, 0, 0, 0, 0x61, 0x31])
  return {
    listSnapshots: () =>
      calls.listSnapshots().map((offer) => {
        const manifest = JSON.parse(Buffer.from(offer.metadata).toString()) as Manifest
        const [, ...others] = manifest.chunks
        const forged = { ...manifest, chunks: [{ kind: 'rows', hash: toBase64url(sha256(rows)) }, ...others] }
        const metadata = toUtf8(canonicalize(forged))
        return { ...offer, metadata, hash: toBase64url(sha256(metadata)) }
      }),
    loadSnapshotChunk: (offer, index) => (index === 0 ? rows : calls.loadSnapshotChunk(offer, index)),
  }
}
