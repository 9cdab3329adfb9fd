/** Claims path pointers (OpenID4VP 1.0 section 7): which values of a certificate a path selects. */
import type { Json, JsonObject } from '@chengxin/kernel'
import type { ClaimPath, ClaimQuery } from './query.ts'

/** The selected values, or `undefined` where the path selects none or meets a value of another kind. */
export function selectClaims(claims: JsonObject, path: ClaimPath): readonly Json[] | undefined {
  let selected: readonly Json[] = [claims]
  for (const step of path) {
    const next = selectStep(selected, step)
    if (next === undefined || next.length === 0) return undefined
    selected = next
  }
  return selected
}

function selectStep(selected: readonly Json[], step: string | number | null): readonly Json[] | undefined {
  if (typeof step === 'string') {
    if (!selected.every(isObject)) return undefined
    return selected.flatMap((object) => (Object.hasOwn(object, step) ? [object[step] as Json] : []))
  }
  if (!selected.every(isList)) return undefined
  if (step === null) return selected.flat()
  return selected.flatMap((list) => (step < list.length ? [list[step] as Json] : []))
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Whether the claim is there and, where values are asked for, has one of them: of the same kind, nothing converted. */
export function hasClaim(claims: JsonObject, { path, values }: ClaimQuery): boolean {
  const selected = selectClaims(claims, path)
  if (selected === undefined) return false
  return values === undefined || selected.some((value) => values.some((wanted) => wanted === value))
}
