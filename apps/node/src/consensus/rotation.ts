/**
 * A member's engine gets another voting key. The new key is made beside the old one and proposed to the committee; when the
 * change has passed, `ordering.json` names it, and the engine's own copy is written anew at the next start. Keys of other
 * groups on this node are not touched: each group's `ordering.json` names its own.
 */
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadKey } from '@chengxin/client/node'
import { type PrivateJwk, publicPart } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { GroupPaths } from '../data-directory.ts'
import { openOrMakeKey } from '../member-keys.ts'
import { engineKeyName } from './engine-keys.ts'
import { FoundingFault } from './founding.ts'
import { type OrderingFile, readOrdering } from './ordering-file.ts'

/** What is to be replaced: the voting key, the certificate, or both. */
export interface RotationFacts {
  readonly groupId: string
  readonly memberId: string
  readonly ordering: OrderingFile
  readonly isKeyReplaced: boolean
  /** DER. */
  readonly certificate: Uint8Array | undefined
}

/** The change for the committee to pass. Asked again before it has passed, it names the same new key. */
export async function rotationOf(facts: RotationFacts, keysDirectory: string, passphrase: string | undefined) {
  const { groupId, memberId, ordering, isKeyReplaced, certificate } = facts
  const key = isKeyReplaced ? await openOrMakeKey(keysDirectory, nextKeyName(ordering), passphrase) : undefined
  return {
    kind: 'rotateMember',
    memberId,
    ...(certificate && { certificate: toBase64url(certificate) }),
    ...(key && { validatorKey: provenMemberKey(key, groupId, memberId, 'validator') }),
  }
}

/** A key with its own signature over the group, the member and the duty, as `governance` asks for it. */
export function provenMemberKey(key: PrivateJwk, groupId: string, memberId: string, duty: string) {
  const statement = toUtf8(`chengxin-member-key-v1\n${groupId}\n${memberId}\n${duty}`)
  return { key: publicPart(key), proof: toBase64url(createSigner(key).sign(statement)) }
}

/**
 * From the next start on the engine votes with the key that was proposed. What the engine remembers of its votes stays
 * where it is. Returns the key's name. Throws `FoundingFault` where none was proposed.
 */
export async function useProposedKey(
  group: GroupPaths,
  keysDirectory: string,
  passphrase: string | undefined,
): Promise<string> {
  const ordering = await orderingOfGroup(group)
  const validator = nextKeyName(ordering)
  const key = await loadKey(keysDirectory, validator, passphrase)
  if (isRefusal(key)) {
    throw new FoundingFault(
      `There is no new voting key ${validator} in ${keysDirectory} (${key.refused}): consortium rotation --voting-key makes one.`,
    )
  }
  // The engine's copy first: stopped in between, the next start writes the old one again, and this can be run again.
  await rm(join(group.directory, 'engine/config/priv_validator_key.json'), { force: true })
  const draft = `${group.ordering}.new`
  await writeFile(draft, `${JSON.stringify({ ...ordering, validator }, undefined, 2)}\n`, { flush: true })
  await rename(draft, group.ordering)
  return validator
}

export async function orderingOfGroup(group: GroupPaths): Promise<OrderingFile> {
  const ordering = existsSync(group.ordering) ? await readOrdering(group.ordering) : undefined
  if (ordering !== undefined) return ordering
  throw new FoundingFault(`${group.ordering} is missing: a group that one process orders alone has no voting keys.`)
}

/** `validator`, then `validator-2`, `validator-3` and so on. */
function nextKeyName({ validator = engineKeyName }: OrderingFile): string {
  const [, turn = '1'] = /-(\d+)$/.exec(validator) ?? []
  return `${engineKeyName}-${Number(turn) + 1}`
}
