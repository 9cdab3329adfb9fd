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
    case 'hold':
      return '/points?tab=holds'
    case 'program':
      return '/points?tab=programs'
    case 'batch':
      return '/certificates'
    case 'credential-type':
      return '/certificates?tab=types'
    case 'status-list':
      return '/certificates?tab=statusLists'
    case 'proposal':
      return '/governance?tab=proposals'
    default:
      return '/governance'
  }
}
