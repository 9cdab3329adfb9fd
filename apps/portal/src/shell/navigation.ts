/** Where one can go. Keys name the icon and the words. */
import type { SignedInPerson } from '../api/sign-in.ts'
import { homeOf } from '../session/session.ts'

export const destinations = [
  { to: '/', key: 'overview' },
  { to: '/check', key: 'check' },
  { to: '/explorer', key: 'explorer' },
  { to: '/certificates', key: 'certificates' },
  { to: '/points', key: 'points' },
  { to: '/governance', key: 'governance' },
  { to: '/help', key: 'help' },
] as const

/** The work of whoever is signed in: only theirs is shown, though an address may be opened by anyone. */
const workplaces = [
  { to: '/wallet', key: 'wallet' },
  { to: '/bureau', key: 'bureau' },
  { to: '/issuer', key: 'issuer' },
  { to: '/sharing', key: 'sharing' },
  { to: '/verifier', key: 'verifier' },
] as const

/** What a resident finds beside the wallet. */
const residentPlaces = [
  { to: '/bureau', key: 'apply' },
  { to: '/sharing', key: 'accesses' },
] as const

export type Workplace = (typeof workplaces)[number]
type Destination = (typeof destinations)[number]

export function workplaceOf(person: SignedInPerson | undefined): Workplace | undefined {
  return person && workplaces.find(({ to }) => to === homeOf(person))
}

export function residentPlacesOf(person: SignedInPerson | undefined): readonly (typeof residentPlaces)[number][] {
  return person?.kind === 'resident' ? residentPlaces : []
}

function only<K extends Destination['key']>(...keys: readonly K[]): readonly Extract<Destination, { key: K }>[] {
  return keys.map((key) => destinations.find((destination) => destination.key === key)) as never
}

/** A thumb has room for five: what residents need most, and the way to the rest. Work takes the explorer's place. */
export const phoneDestinations = only('overview', 'explorer', 'check', 'certificates')
export const phoneDestinationsAtWork = only('overview', 'check', 'certificates')
export const furtherDestinations = only('points', 'governance', 'help')
export const furtherDestinationsAtWork = only('explorer', 'points', 'governance', 'help')
