/** docs/REFUSALS.md, written from the definitions that rules and nodes use. */
import type { Refusals } from '@chengxin/module-kit'

export interface RefusalSource {
  readonly title: string
  readonly about: string
  readonly refusals: Refusals
}

const meanings: { readonly [kind: string]: string } = {
  malformed: 'wrong in itself; sending it again cannot help',
  unauthenticated: 'the signature or the key does not hold',
  forbidden: 'the signer is known and may not do this',
  missing: 'what it names does not exist',
  conflict: 'the state does not admit it',
  busy: 'nothing is wrong with it; the same bytes can pass later',
}

export function renderRefusals(sources: readonly RefusalSource[]): string {
  const kinds = Object.entries(meanings).map(([kind, meaning]) => `| \`${kind}\` | ${meaning} |`)
  const sections = sources.map(({ title, about, refusals }) => {
    const rows = Object.entries(refusals).map(([code, [kind, sentence]]) => `| \`${code}\` | ${kind} | ${sentence} |`)
    return [`## ${title}`, '', about, '', '| code | kind | meaning |', '|---|---|---|', ...rows].join('\n')
  })
  return `${[
    '# Refusals',
    '',
    'Every "no" has a stable code. Codes stand in the order in which they are checked, so that a client always gets the first',
    'that applies. This page is written from the code by `tests/documents`, and a test fails when the two differ.',
    '',
    '| kind | what it tells the sender |',
    '|---|---|',
    ...kinds,
    '',
    sections.join('\n\n'),
  ].join('\n')}\n`
}
