/** The tabs of a page: one content at a time, the open one in the address. */
import { Tabs } from 'antd'
import type { ReactElement, ReactNode } from 'react'
import { useTab } from './use-tab.ts'
import './page-tabs.css'

export interface PageTabsProps<T extends string> {
  readonly tabs: readonly [T, ...T[]]
  readonly label: (tab: T) => string
  readonly contents: { readonly [tab in T]: ReactNode }
}

export function PageTabs<const T extends string>({ tabs, label, contents }: PageTabsProps<T>): ReactElement {
  const [open, show] = useTab(tabs)
  return (
    <Tabs
      className="page-tabs"
      activeKey={open}
      onChange={show}
      destroyOnHidden
      items={tabs.map((key) => ({ key, label: label(key), children: contents[key] }))}
    />
  )
}
