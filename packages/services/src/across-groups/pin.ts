/** The change by which a committee pins another group, made from that group's trust bundle, which its committee signed. */
import type { TrustBundle } from '@chengxin/audit'
import { type Ed25519PublicJwk, type NoteKey, parseVkey } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { expectOk } from '@chengxin/kernel'

export interface PinWish {
  /** How old a state may be when something is concluded from it. */
  readonly maxAgeMs: number
  readonly typeIds: readonly string[]
  /** Only these members; all that the bundle names if absent. Members that run no node cosign nothing. */
  readonly memberIds?: readonly string[]
}

/** The argument `change` of `governance.proposeChange`. */
export interface PinChange {
  readonly kind: 'pinGroup'
  readonly group: string
  readonly origin: string
  readonly members: readonly {
    readonly memberId: string
    readonly logKey: Ed25519PublicJwk
    readonly cosignerKey: Ed25519PublicJwk
  }[]
  readonly quorum: number
  readonly maxAgeMs: number
  readonly typeIds: readonly string[]
}

/** The bundle must have been opened under the group's id, from whoever the committee trusts to say it. */
export function pinFromBundle(bundle: TrustBundle, { maxAgeMs, typeIds, memberIds }: PinWish): PinChange {
  const { origin } = bundle.policy
  // A bundle lists log keys and cosigners of its members in one order.
  const members = bundle.cosigners
    .map((cosigner, index) => {
      const key = keyOf(cosigner)
      const logKey = keyOf(bundle.logKeys[index] ?? '')
      return { memberId: key.name.slice(`${origin}/`.length), logKey: logKey.jwk, cosignerKey: key.jwk }
    })
    .filter(({ memberId }) => memberIds === undefined || memberIds.includes(memberId))
  // More than half, so that two halves cannot say different things.
  const quorum = Math.max(Math.min(bundle.quorum, members.length), Math.floor(members.length / 2) + 1)
  return { kind: 'pinGroup', group: bundle.group, origin, members, quorum, maxAgeMs, typeIds }
}

function keyOf(vkey: string): NoteKey {
  return expectOk(parseVkey(sha256, vkey))
}
