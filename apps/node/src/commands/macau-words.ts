/** What the demonstration of the whole scheme tells people: a sentence an act, and who acted. */
import type { DemoStep } from '@chengxin/services'

type Facts = { readonly [fact: string]: string | number }

const sentences: { readonly [step: string]: (facts: Facts) => string } = {
  connect: ({ url, group }) => `Connected to ${url}, group ${group}.`,
  apply: () => 'The resident has asked the identity bureau to confirm who they are.',
  confirm: () => 'The bureau has confirmed the person; the ledger has a salted commitment.',
  authorise: () => 'The resident lets the user agent act, until a time, and has named who helps after a loss.',
  identity: () => 'The certificate of identity is in the wallet.',
  issue: () => 'The university has brought its register in: each row waits for its graduate.',
  claim: () => 'The resident has shown the certificate of identity, and has the degree: signed and anchored now.',
  ask: () => 'The employment service asks for a degree, for a registered purpose.',
  present: () => 'The resident has agreed by key, and what was picked was shown.',
  verify: ({ verdict }) => `The employment service finds it ${verdict}.`,
  department: ({ departmentVerdict }) =>
    `The transport department has seen the same degree for its own purpose: ${departmentVerdict}, and nobody carried paper.`,
  tooFar: ({ refusedWith }) => `A field beyond the registration was refused (${refusedWith}).`,
  withoutKey: ({ keylessRefusedWith }) =>
    `The agent alone, without the resident’s key, was refused (${keylessRefusedWith}).`,
  withdraw: ({ consentState }) => `A consent was read and is ${consentState}.`,
  revoke: () => 'The university has revoked the degree, with a reason.',
  verifyAgain: ({ verdictAfter, codeAfter }) => `Verified again: ${verdictAfter} (${codeAfter}).`,
  told: ({ walletSays }) => `The wallet tells its holder so (${walletSays}).`,
}

/** The line, or lines, for a step; a step without words here is shown with its facts. */
export function toldOfMacau(step: DemoStep): string {
  const facts = step as unknown as Facts
  if (step.step === 'summary') {
    return `\n${facts['acts'] ?? 0} acts played, each by real keys at the real desks.\nTry them yourself: ${facts['portal'] ?? ''}`
  }
  const sentence = sentences[step.step]
  return `✓ ${sentence?.(facts) ?? JSON.stringify(step)}`
}
