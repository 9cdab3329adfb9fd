import type { SearchHit } from '../../api/search.ts'

/** Where a thing that was found is shown. */
export function hitPath({ kind, id }: SearchHit): string {
  switch (kind) {
    case 'block':
      return `/explorer/blocks/${id}`
    case 'transaction':
      return `/explorer/transactions/${id}`
    case 'did':
      return `/explorer/dids/${id}`
    case 'account':
      return `/points/accounts/${id}`
    case 'program':
      return '/points'
    case 'type':
    case 'batch':
    case 'issuer':
    case 'list':
      return '/certificates'
    default:
      return '/governance'
  }
}
