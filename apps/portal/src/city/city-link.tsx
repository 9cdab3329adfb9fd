/** Links inside the portal keep the group that is looked at, when it is not the node's first. */
import { type ReactElement, type ReactNode, useContext } from 'react'
import { Link, NavLink } from 'react-router'
import { CityContext } from './city.ts'

export function useCityPath(): (to: string) => string {
  const city = useContext(CityContext)
  return (to) => {
    if (city === undefined || city.group.id === city.groups[0]?.id) return to
    const [path = '', query = ''] = to.split('?')
    const parameters = new URLSearchParams(query)
    parameters.set('group', city.group.id)
    return `${path}?${parameters.toString()}`
  }
}

export interface CityLinkProps {
  readonly to: string
  readonly children: ReactNode
  readonly className?: string
  readonly title?: string
  readonly testId?: string
  /** What the page behind the link finds in its history. */
  readonly state?: unknown
}

export function CityLink({ to, children, className, title, testId, state }: CityLinkProps): ReactElement {
  const path = useCityPath()
  return (
    <Link to={path(to)} className={className} title={title} state={state} data-testid={testId}>
      {children}
    </Link>
  )
}

export function CityNavLink({ to, children, className }: CityLinkProps): ReactElement {
  const path = useCityPath()
  return (
    <NavLink to={path(to)} end={to === '/'} {...(className === undefined ? {} : { className })}>
      {children}
    </NavLink>
  )
}
