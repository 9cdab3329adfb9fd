/** The mark of Chengxin: the character 信 (trust) cut into a seal. Also the stamp that a verdict is given with. */
import type { ReactElement } from 'react'
import './seal.css'

/** Outline and character, in a square of sixty-four. */
export const face =
  'M9 3.6C21 2.7 43 2.6 55 3.5c3.3.3 5.2 2.1 5.5 5.4.9 12 .9 34 .1 46-.3 3.5-2.2 5.3-5.6 5.6-12 .9-34 .8-46 0-3.4-.3-5.3-2.2-5.5-5.6-.9-12-.8-34 0-46C3.7 5.7 5.6 3.9 9 3.6Z'
export const xin =
  'M21.5 12.5 12.5 26.5M17.5 23.5V52.8M40.5 11.5v3M29 20.5h23.5M32 28.5h17.5M32 36.5h17.5M32.5 44.5h16.5v8.3H32.5z'

export function Seal({ size = 40 }: { readonly size?: number }): ReactElement {
  return (
    <svg className="seal" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path className="seal-face" d={face} />
      <path className="seal-cut" d={xin} />
    </svg>
  )
}

export type StampKind = 'valid' | 'not_valid' | 'undecided' | 'working'

/** A pressed seal for a valid file, one struck out for an invalid one, an unfilled outline where nothing can be said. */
export function Stamp({ kind, size = 112 }: { readonly kind: StampKind; readonly size?: number }): ReactElement {
  return (
    <svg
      className={`stamp stamp-${kind}`}
      width={size}
      height={size}
      viewBox="-4 -4 72 72"
      aria-hidden="true"
      focusable="false"
    >
      <path className="stamp-face" d={face} />
      <path className="stamp-cut" d={xin} />
      {kind === 'not_valid' && <path className="stamp-strike" d="M-1 60 65 4" />}
    </svg>
  )
}
