/** One value as it is stored; ids can be copied and followed, times are also said in words. */
import type { ReactElement } from 'react'
import { useFormat } from '../../format/use-format.ts'
import { ShortId, WholeId } from '../../parts/short-id.tsx'

export function RawValue({ name, value }: { readonly name: string; readonly value: unknown }): ReactElement {
  const format = useFormat()
  if (typeof value === 'string') {
    if (value.startsWith('did:')) return <ShortId id={value} to={`/explorer/dids/${value}`} />
    if (value.startsWith('account_')) return <ShortId id={value} to={`/points/accounts/${value}`} />
    return value.length > 80 ? <ShortId id={value} /> : <WholeId id={value} />
  }
  if (typeof value === 'number' && name.endsWith('Ms')) {
    return (
      <span>
        {format.exactMoment(value)} <code className="raw-quiet">{value}</code>
      </span>
    )
  }
  if (typeof value === 'object' && value !== null)
    return <pre className="raw">{JSON.stringify(value, undefined, 2)}</pre>
  return <code>{String(value)}</code>
}
