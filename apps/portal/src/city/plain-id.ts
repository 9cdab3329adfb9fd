/** `member_city_office` → `City office`: the words of an id, for what has no name of its own. */
export function plainId(id: string): string {
  const words = id
    .replace(/^[a-z]+_(?=[a-z0-9])/, (prefix) => (knownPrefixes.has(prefix) ? '' : prefix))
    .replaceAll(/[_-]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const knownPrefixes = new Set([
  'member_',
  'program_',
  'account_',
  'type_',
  'batch_',
  'list_',
  'proposal_',
  'hold_',
  'delegation_',
])
