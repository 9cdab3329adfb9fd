import type { IconName } from '../parts/icon.tsx'
import { domainOf } from './summary.ts'

const icons: Readonly<Record<string, IconName>> = {
  governance: 'governance',
  identity: 'person',
  credentials: 'certificates',
  points: 'points',
  accounts: 'points',
}

export function iconOf(types: readonly string[]): IconName {
  return icons[domainOf(types[0] ?? '')] ?? 'block'
}
