/** What a transaction does, from the types of its actions: equal ones are counted, in the order of their first use. */
export interface ActivityPart {
  readonly type: string
  readonly count: number
}

export function summarise(types: readonly string[]): readonly ActivityPart[] {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => ({ type, count }))
}

/** The domain of a type, which its sign is chosen by. */
export function domainOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}
