import { type Did, type Refusal, refuse, type TimeMs } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { isEntitledAt, isOpenAt } from '../entitlement.ts'
import type { anchorStatusList } from '../schema.ts'
import type { CredentialsEvent, CredentialsRead, CredentialsTables } from '../types.ts'

export const decideAnchorStatusList: Decide<CredentialsTables, ArgsOf<typeof anchorStatusList>, CredentialsEvent> = (
  read,
  { listId, version, hash, validUntilMs },
  { principal: issuer, timeMs: atMs },
) => {
  const list = read.statusLists.get(listId)
  const refusal = refusePublisher(read, list?.issuer, issuer, atMs)
  if (refusal) return refusal
  if (version !== (list?.version ?? 0) + 1) return refuse('version_not_next')
  if (validUntilMs !== undefined && validUntilMs <= atMs) return refuse('validity_ends_in_past')
  return [
    {
      type: 'statusListAnchored',
      atMs,
      hash,
      issuer,
      listId,
      ...(validUntilMs !== undefined && { validUntilMs }),
      version,
    },
  ]
}

/**
 * A list is founded by an entitled issuer. Its owner goes on publishing after an orderly end, because what it issued may
 * still have to be revoked; while frozen it may not, because a thief of its keys would lift revocations. A dissolved owner's
 * list is continued by a successor of any of its types: a list serves them all, and the first who publishes owns it.
 */
function refusePublisher(
  read: CredentialsRead,
  owner: Did | undefined,
  issuer: Did,
  nowMs: TimeMs,
): Refusal | undefined {
  const { typeIds = [], frozenTypeIds = [] } = read.issuers.get(issuer) ?? {}
  if (owner === undefined) {
    const isEntitled = typeIds.some((typeId) =>
      isEntitledAt(read.authorisations.get(keyOf(issuer, typeId))?.periods ?? [], nowMs),
    )
    if (!isEntitled) return refuse('not_an_issuer')
  } else if (owner !== issuer && !isSuccessor(read, owner, issuer, nowMs)) return refuse('not_the_list_owner')
  return frozenTypeIds.length > 0 ? refuse('issuer_frozen') : undefined
}

/** Whether all rights of the old issuer have ended, and one of its types passed to the other. */
function isSuccessor(read: CredentialsRead, old: Did, other: Did, nowMs: TimeMs): boolean {
  const { typeIds = [] } = read.issuers.get(old) ?? {}
  const newest = typeIds.flatMap((typeId) => read.authorisations.get(keyOf(old, typeId))?.periods.at(-1) ?? [])
  return newest.every((period) => !isOpenAt(period, nowMs)) && newest.some(({ successor }) => successor === other)
}
