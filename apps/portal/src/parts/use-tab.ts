/** Which tab of a page is open stands in the address; a cursor belongs to the tab that is left. */
import { useSearchParams } from 'react-router'

export function useTab<const T extends string>(tabs: readonly [T, ...T[]]): [open: T, show: (tab: string) => void] {
  const [parameters, setParameters] = useSearchParams()
  const asked = parameters.get('tab')
  const open = tabs.find((tab) => tab === asked) ?? tabs[0]
  return [
    open,
    (tab) => {
      const next = new URLSearchParams()
      const group = parameters.get('group')
      if (group !== null) next.set('group', group)
      if (tab !== tabs[0]) next.set('tab', tab)
      setParameters(next, { preventScrollReset: true })
    },
  ]
}
