/** Which tab of a page is open stands in the address; a cursor belongs to the tab that is left. */
import { useSearchParams } from 'react-router'

export function useTab<const T extends string>(tabs: readonly T[]): [open: T, show: (tab: string) => void] {
  const [parameters, setParameters] = useSearchParams()
  const asked = parameters.get('tab')
  const open = tabs.find((tab) => tab === asked) ?? (tabs[0] as T)
  return [
    open,
    (tab) => {
      const next = new URLSearchParams(parameters)
      next.delete('before')
      if (tab === tabs[0]) next.delete('tab')
      else next.set('tab', tab)
      setParameters(next, { preventScrollReset: true })
    },
  ]
}
