/** Every address the portal asks, in one place. All are of the node that served the portal. */
const query = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  if (present.length === 0) return ''
  return `?${new URLSearchParams(present.map(([name, value]) => [name, String(value)])).toString()}`
}
const group = (groupId: string) => `/v1/groups/${encodeURIComponent(groupId)}`
const part = encodeURIComponent

export interface PageQuery {
  readonly limit?: number
  readonly before?: string | undefined
}

export const paths = {
  groups: () => '/v1/groups',
  group: (groupId: string) => group(groupId),
  blocks: (groupId: string, page: PageQuery) => `${group(groupId)}/blocks${query({ ...page })}`,
  block: (groupId: string, height: number) => `${group(groupId)}/blocks/${height}`,
  transactions: (groupId: string, page: PageQuery & { did?: string; type?: string }) =>
    `${group(groupId)}/transactions${query({ ...page })}`,
  transaction: (groupId: string, id: string) => `${group(groupId)}/transactions/${part(id)}`,
  receipt: (groupId: string, id: string) => `${group(groupId)}/receipts/${part(id)}`,
  checkpoint: (groupId: string) => `${group(groupId)}/log/checkpoint`,
  genesis: (groupId: string) => `${group(groupId)}/genesis`,
  search: (groupId: string, text: string) => `${group(groupId)}/search${query({ q: text })}`,
  events: (groupId: string) => `${group(groupId)}/events`,

  members: (groupId: string) => `${group(groupId)}/members`,
  roles: (groupId: string, page: PageQuery) => `${group(groupId)}/roles${query({ ...page })}`,
  proposals: (groupId: string, page: PageQuery) => `${group(groupId)}/proposals${query({ ...page })}`,
  consortium: (groupId: string) => `${group(groupId)}/consortium`,
  contradiction: (groupId: string, id: string) => `${group(groupId)}/log/contradictions/${part(id)}`,
  committee: (groupId: string) => `${group(groupId)}/committee`,

  identity: (groupId: string, did: string) => `${group(groupId)}/dids/${part(did)}`,
  identityDocument: (did: string) => `/1.0/identifiers/${part(did)}`,

  credentialTypes: (groupId: string, page: PageQuery) => `${group(groupId)}/credential-types${query({ ...page })}`,
  issuers: (groupId: string, page: PageQuery) => `${group(groupId)}/issuers${query({ ...page })}`,
  batches: (groupId: string, page: PageQuery) => `${group(groupId)}/batches${query({ ...page })}`,
  statusLists: (groupId: string, page: PageQuery) => `${group(groupId)}/status-lists${query({ ...page })}`,
  document: (groupId: string, hash: string) => `${group(groupId)}/documents/${part(hash)}`,

  programs: (groupId: string, page: PageQuery) => `${group(groupId)}/points/programs${query({ ...page })}`,
  pointsAccounts: (groupId: string, page: PageQuery & { owner?: string }) =>
    `${group(groupId)}/points/accounts${query({ ...page })}`,
  pointsAccount: (groupId: string, accountId: string) => `${group(groupId)}/points/accounts/${part(accountId)}`,
  pointsTransfers: (groupId: string, page: PageQuery & { account?: string }) =>
    `${group(groupId)}/points/transfers${query({ ...page })}`,

  pointsHolds: (groupId: string, page: PageQuery & { account?: string }) =>
    `${group(groupId)}/points/holds${query({ ...page })}`,

  trustBundle: (groupId: string) => `${group(groupId)}/trust-bundle`,
  sample: () => '/v1/sample',
  apiDocs: () => '/docs',
} as const
