/** What a demonstration tells people: a sentence a step, then where to look. */
import type { DemoStep } from '@chengxin/services'

/** Facts that some step states; which step states which, the demonstration says. */
type FactName =
  | 'anchored'
  | 'certificate'
  | 'check'
  | 'code'
  | 'count'
  | 'expiresAtMs'
  | 'explorer'
  | 'files'
  | 'forged'
  | 'group'
  | 'height'
  | 'name'
  | 'newIdentities'
  | 'newRoles'
  | 'of'
  | 'revoked'
  | 'root'
  | 'rows'
  | 'sequence'
  | 'signedBy'
  | 'transactions'
  | 'typeId'
  | 'url'
  | 'verdict'
  | 'version'
type Facts = { readonly [fact in FactName]: string | number }

const sentences: { readonly [step: string]: (facts: Facts) => string } = {
  read: ({ rows }) => `The register holds ${rows} graduates.`,
  connect: ({ url, group }) => `Connected to ${url}, group ${group}.`,
  offices: ({ newIdentities, newRoles }) =>
    `Offices are filled (${newIdentities} new identities, ${newRoles} new roles, each by two of three).`,
  issuer: ({ typeId }) => `The university may issue ${typeId}.`,
  residents: ({ count, transactions }) => `${count} residents have DIDs (${transactions} transactions).`,
  confirmed: ({ count }) => `The identity bureau has confirmed ${count} residents.`,
  anchored: ({ count, root, height }) =>
    `${count} certificates are anchored in block ${height} under one root, ${root}.`,
  issued: ({ count, files }) => `${count} certificates are signed, each with its receipt inside: ${files}.`,
  'status-published': ({ version }) => `The status list is published, version ${version}.`,
  revoked: ({ certificate, version }) =>
    `The certificate of ${certificate} is revoked in version ${version} of the list.`,
  forged: () => 'Two certificates are forged: a better grade, and another holder.',
  bundle: ({ signedBy, of, sequence, expiresAtMs }) =>
    `Trust bundle ${sequence} is signed by ${signedBy} of ${of}, until ${new Date(expiresAtMs).toISOString()}.`,
  audit: ({ name, verdict, code }) => `Checked offline: ${name} is ${verdict}${code === 'none' ? '' : ` (${code})`}.`,
}

/** The line, or lines, for a step; a step without words here is shown with its facts. */
export function told(step: DemoStep): string {
  if (step.step === 'summary') return toldSummary(step)
  const sentence = sentences[step.step]
  return `✓ ${sentence?.(step as unknown as Facts) ?? JSON.stringify(step)}`
}

function toldSummary(step: DemoStep): string {
  const { anchored, revoked, forged, check, explorer } = step as unknown as Facts
  const files = step['files'] as { readonly [name: string]: string }
  const places = Object.entries({ ...files, check, explorer })
  return [
    '',
    `${anchored} anchored, ${revoked} revoked, forged ones ${forged}.`,
    '',
    ...places.map(([name, place]) => `  ${name.padEnd(13)} ${place}`),
    '',
    'Check one yourself, without a network:',
    `  npx chengxin audit ${files['good']} --bundle ${files['bundle']}`,
  ].join('\n')
}
