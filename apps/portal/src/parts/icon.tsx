/** Line icons on a 24-unit grid, drawn for the portal so that they share one weight with the seal. */
import type { ReactElement } from 'react'

const drawings = {
  overview: 'M4 11.5 12 5l8 6.5M6.5 10v9h11v-9M10 19v-5h4v5',
  explorer: 'M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h5v5h-5zM10 7.5h4M7.5 10v4M16.5 10v4M10 16.5h4',
  check: 'M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6zM8.8 12l2.3 2.3 4.2-4.6',
  certificates: 'M5 4.5h14v10H5zM8.5 8h7M8.5 11h4M14.5 13.5a2 2 0 1 0 .01 0M13.3 16.8 12.8 21l1.7-1 1.7 1-.5-4.2',
  points: 'M12 4.5a7.5 7.5 0 1 0 .01 0M12 8.5l1.1 2.3 2.5.3-1.8 1.7.5 2.5-2.3-1.2-2.3 1.2.5-2.5-1.8-1.7 2.5-.3z',
  governance: 'M4 19h16M5.5 9.5h13L12 4.5zM7 9.5V16M12 9.5V16M17 9.5V16M5 16h14',
  help: 'M12 4a8 8 0 1 0 .01 0M9.8 9.8c.2-1.3 1.1-2 2.3-2s2.2.8 2.2 2c0 1.7-2.2 1.9-2.2 3.6M12 16.3v.1',
  wallet: 'M4.5 7.5h13.5a1.5 1.5 0 0 1 1.5 1.5v9H6a1.5 1.5 0 0 1-1.5-1.5zM4.5 7.5 15 4.5v3M15.5 13h.1',
  bureau: 'M4.5 5.5h15v13h-15zM9 10a1.8 1.8 0 1 0 .01 0M6.5 16c.4-1.8 1.3-2.6 2.5-2.6s2.1.8 2.5 2.6M14 10h3M14 13.5h3',
  apply: 'M4.5 5.5h15v13h-15zM9 10a1.8 1.8 0 1 0 .01 0M6.5 16c.4-1.8 1.3-2.6 2.5-2.6s2.1.8 2.5 2.6M14 10h3M14 13.5h3',
  issuer: 'M5 4.5h14v10H5zM8.5 8h7M8.5 11h4M14.5 13.5a2 2 0 1 0 .01 0M13.3 16.8 12.8 21l1.7-1 1.7 1-.5-4.2',
  sharing: 'M6.5 12a2 2 0 1 0 .01 0M17 5.5a2 2 0 1 0 .01 0M17 14.5a2 2 0 1 0 .01 0M8.4 13l6.7-4.5M8.4 15l6.7 1.5',
  accesses: 'M6.5 12a2 2 0 1 0 .01 0M17 5.5a2 2 0 1 0 .01 0M17 14.5a2 2 0 1 0 .01 0M8.4 13l6.7-4.5M8.4 15l6.7 1.5',
  verifier: 'M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6zM8.8 12l2.3 2.3 4.2-4.6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  search: 'M10.5 5a5.5 5.5 0 1 0 .01 0M14.7 14.7 19 19',
  copy: 'M9 9h10v10H9zM6 15H5V5h10v1',
  tick: 'm5.5 12.5 4.2 4.2 8.8-9.4',
  cross: 'm6.5 6.5 11 11M17.5 6.5l-11 11',
  unknown: 'M9 9.3C9.2 7.3 10.4 6 12.2 6s3.2 1.2 3.2 3c0 2.6-3.3 2.8-3.3 5.5M12 18v.1',
  chevron: 'm9 6 6 6-6 6',
  down: 'm6 9 6 6 6-6',
  download: 'M12 4.5v10M7.5 10.5l4.5 4.5 4.5-4.5M5 19.5h14',
  upload: 'M12 15V5M7.5 9 12 4.5 16.5 9M5 19.5h14',
  print: 'M7.5 9V4.5h9V9M7.5 16H5V9h14v7h-2.5M7.5 13.5h9v6h-9z',
  language:
    'M12 4a8 8 0 1 0 .01 0M4.2 12h15.6M12 4c2.4 2.3 3.6 5 3.6 8s-1.2 5.7-3.6 8c-2.4-2.3-3.6-5-3.6-8s1.2-5.7 3.6-8',
  sun: 'M12 8.5a3.5 3.5 0 1 0 .01 0M12 3.5v1.8M12 18.7v1.8M3.5 12h1.8M18.7 12h1.8M6 6l1.3 1.3M16.7 16.7 18 18M18 6l-1.3 1.3M7.3 16.7 6 18',
  moon: 'M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5',
  screen: 'M4 5.5h16v10.5H4zM9 19.5h6M12 16v3.5',
  external: 'M10 6H6v12h12v-4M13.5 5H19v5.5M19 5l-8 8',
  clock: 'M12 4.5a7.5 7.5 0 1 0 .01 0M12 8v4.3l2.8 1.7',
  block: 'M12 4 5 7.7v8.6L12 20l7-3.7V7.7zM5 7.7l7 3.8 7-3.8M12 11.5V20',
  person: 'M12 5a3.3 3.3 0 1 0 .01 0M5.5 19.5c.6-3.7 3-5.5 6.5-5.5s5.9 1.8 6.5 5.5',
  key: 'M8.5 11a4 4 0 1 0 .01 0M11.5 12.2 19.5 4.2M16.5 7.2l2.5 2.5',
  refresh: 'M18.5 8A7.5 7.5 0 1 0 19.5 12M19 4v4.5h-4.5',
  paste: 'M9 5H6v15h12V5h-3M9 3.5h6V7H9zM9 11.5h6M9 15h4',
  city: 'M4 20h16M6 20V9.5l5-2.5v13M11 20v-8.5l7 2V20M8.3 11.5v.1M8.3 14.5v.1M14.5 15.5v.1M14.5 17.5v.1',
} as const

export type IconName = keyof typeof drawings

/** Icons only accompany words: they are hidden from screen readers. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.6 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={drawings[name]} />
    </svg>
  )
}
