/** Where one can go. Keys name the icon and the words. */
export const destinations = [
  { to: '/', key: 'overview' },
  { to: '/check', key: 'check' },
  { to: '/explorer', key: 'explorer' },
  { to: '/certificates', key: 'certificates' },
  { to: '/points', key: 'points' },
  { to: '/governance', key: 'governance' },
  { to: '/help', key: 'help' },
] as const

type Destination = (typeof destinations)[number]

function only<K extends Destination['key']>(...keys: readonly K[]): readonly Extract<Destination, { key: K }>[] {
  return keys.map((key) => destinations.find((destination) => destination.key === key)) as never
}

/** A thumb has room for five: what residents need most, and the way to the rest. */
export const phoneDestinations = only('overview', 'explorer', 'check', 'certificates')
export const furtherDestinations = only('points', 'governance', 'help')
