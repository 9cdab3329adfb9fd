/** Which acts a delegation covers. */

/** Domains whose acts only their own signer can do: otherwise an agent could pass on its power or vote for its principal. */
const neverDelegated = ['identity', 'governance']

export function isDelegable(scopeOrType: string): boolean {
  return !neverDelegated.includes(domainOf(scopeOrType))
}

export function scopeCovers(scope: readonly string[], type: string): boolean {
  return isDelegable(type) && (scope.includes(type) || scope.includes(`${domainOf(type)}.*`))
}

function domainOf(scopeOrType: string): string {
  return scopeOrType.slice(0, scopeOrType.indexOf('.'))
}
