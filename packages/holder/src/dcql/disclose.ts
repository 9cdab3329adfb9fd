/**
 * The fewest disclosures of an SD-JWT that show the asked paths. A disclosure may stand inside another (RFC 9901 section
 * 4.2.6): then the outer one is needed to reach the inner one, and what lies beside is left out. A path that ends at an
 * object or a list asks for the whole of it.
 */
import type { Disclosure, SdJwt } from '@chengxin/audit'
import type { Json, JsonObject } from '@chengxin/kernel'
import type { ClaimPath } from './query.ts'

/** Disclosures to send along, in the order of the certificate. Paths that select nothing add nothing. */
export function disclosuresFor({ issuerJwt, disclosures }: SdJwt, paths: readonly ClaimPath[]): readonly Disclosure[] {
  const byDigest = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]))
  const needed = new Set<Disclosure>()
  for (const path of paths) collect(issuerJwt.payload, path, byDigest, needed)
  return disclosures.filter((disclosure) => needed.has(disclosure))
}

type ByDigest = ReadonlyMap<string, Disclosure>

/** A member of an object or a list, and the disclosure that it comes out of, if any. */
interface Member {
  readonly name?: string
  readonly value: Json
  readonly from?: Disclosure
}

/** Whether the path selects something in the value; only then is what leads there worth showing. */
function collect(value: Json, path: ClaimPath, byDigest: ByDigest, needed: Set<Disclosure>): boolean {
  const [step, ...rest] = path
  const members = membersOf(value, byDigest)
  const reached = step === undefined || step === null ? members : members.filter(isAt(step, members))
  let isFound = step === undefined
  for (const { value: inner, from } of reached) {
    if (!collect(inner, rest, byDigest, needed)) continue
    if (from) needed.add(from)
    isFound = true
  }
  return isFound
}

function isAt(step: string | number, members: readonly Member[]): (member: Member) => boolean {
  return (member) => (typeof step === 'string' ? member.name === step : members.indexOf(member) === step)
}

function membersOf(value: Json, byDigest: ByDigest): readonly Member[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((element) => elementOf(element, byDigest))
  if (typeof value !== 'object' || value === null) return []
  const { _sd: hidden, ...plain } = value as JsonObject
  const members: Member[] = Object.entries(plain).map(([name, inner]) => ({ name, value: inner }))
  for (const digest of Array.isArray(hidden) ? (hidden as readonly Json[]) : []) {
    const from = typeof digest === 'string' ? byDigest.get(digest) : undefined
    if (from?.name !== undefined) members.push({ name: from.name, value: from.value, from })
  }
  return members
}

/** A withheld element is no member: places are counted as whoever holds these disclosures sees them. */
function elementOf(element: Json, byDigest: ByDigest): readonly Member[] {
  const digest =
    typeof element === 'object' && element !== null && !Array.isArray(element)
      ? (element as JsonObject)['...']
      : undefined
  if (typeof digest !== 'string') return [{ value: element }]
  const from = byDigest.get(digest)
  return from ? [{ value: from.value, from }] : []
}
