/**
 * `joining.json` in a group's folder: this member is to begin with a snapshot, and knows these members beside those of the
 * genesis, by the offers that it was handed. When it has joined, the file is kept as `joined.json`.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type Ed25519PublicJwk, parsePublicJwk } from '@chengxin/crypto'
import { isRefusal } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import type { GroupPaths } from '../data-directory.ts'

export interface KnownMember {
  readonly memberId: string
  readonly logKey: Ed25519PublicJwk
  readonly validatorKey: Ed25519PublicJwk
}

export class JoiningFault extends Error {
  override readonly name = 'JoiningFault'
}

export async function writeJoining({ joining }: GroupPaths, members: readonly KnownMember[]): Promise<void> {
  await writeFile(joining, `${JSON.stringify({ members }, undefined, 2)}\n`)
}

/** Undefined where this member does not join by a snapshot, or has done so. Throws `JoiningFault`. */
export async function readJoining({ joining }: GroupPaths): Promise<readonly KnownMember[] | undefined> {
  let text: string
  try {
    text = await readFile(joining, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const fail = () => new JoiningFault(`${joining} should be {"members": [{"memberId", "logKey", "validatorKey"}]}.`)
  let value: { readonly members?: unknown } | null
  try {
    value = JSON.parse(text) as typeof value
  } catch {
    throw fail()
  }
  const members = value?.members
  if (!Array.isArray(members)) throw fail()
  return members.map((member: unknown) => {
    const { memberId, logKey, validatorKey } = (member ?? {}) as { readonly [name: string]: unknown }
    const [log, validator] = [keyOf(logKey), keyOf(validatorKey)]
    if (typeof memberId !== 'string' || log === undefined || validator === undefined) throw fail()
    return { memberId, logKey: log, validatorKey: validator }
  })
}

function keyOf(value: unknown): Ed25519PublicJwk | undefined {
  const key = parsePublicJwk(value)
  return isRefusal(key) || key.crv !== 'Ed25519' ? undefined : key
}

export async function keepAsJoined({ joining, joined }: GroupPaths): Promise<void> {
  await rename(joining, joined)
}

export interface KnownMembers {
  readonly others: readonly KnownMember[]
  /** Oneself, where genesis or offers say so. */
  readonly own?: KnownMember
}

/** The members of the genesis, and those that were handed over; a newer offer stands for an older key. */
export function knownMembers({ members }: GenesisDocument, handed: readonly KnownMember[], self: string): KnownMembers {
  const known = new Map<string, KnownMember>()
  for (const { memberId, logKey, validatorKey } of members) {
    const [log, validator] = [keyOf(logKey), keyOf(validatorKey)]
    if (log !== undefined && validator !== undefined) {
      known.set(memberId, { memberId, logKey: log, validatorKey: validator })
    }
  }
  for (const member of handed) known.set(member.memberId, member)
  const own = known.get(self)
  known.delete(self)
  return { others: [...known.values()], ...(own && { own }) }
}
