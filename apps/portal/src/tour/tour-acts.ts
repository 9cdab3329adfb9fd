/** The acts in their order, as far as the bar shows them before anything is fetched; a test holds them to the scheme. */
export const tourActs = [
  { key: 'apply', persona: 'resident' },
  { key: 'confirm', persona: 'clerk' },
  { key: 'authorise', persona: 'resident' },
  { key: 'identity', persona: 'resident' },
  { key: 'issue', persona: 'university' },
  { key: 'claim', persona: 'resident' },
  { key: 'ask', persona: 'verifier' },
  { key: 'present', persona: 'resident' },
  { key: 'verify', persona: 'verifier' },
  { key: 'revoke', persona: 'university' },
  { key: 'verifyAgain', persona: 'verifier' },
] as const
