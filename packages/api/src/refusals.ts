/** What the API itself refuses, and how every refusal becomes an HTTP status: decided here and nowhere else. */
import type { RefusalKind } from '@chengxin/kernel'
import { defineRefusals, nodeRefusals, type Refusals } from '@chengxin/module-kit'

export const apiRefusals = defineRefusals({
  too_many_requests: nodeRefusals.too_many_requests,
  route_not_found: ['missing', 'The node has nothing at this address; /docs lists what it has.'],
  method_not_allowed: ['missing', 'The address is there, and has other methods; the header Allow names them.'],
  request_malformed: ['malformed', 'The request does not have the shape that /openapi.json describes.'],
  body_too_large: ['malformed', 'The body is larger than this address takes.'],
  media_type_not_supported: ['malformed', 'This address takes no body of this media type.'],
  group_not_found: ['missing', 'The node carries no group with this id.'],
  read_token_missing: ['unauthenticated', 'The group shows this to its members only: send a read token.'],
  read_token_invalid: [
    'unauthenticated',
    'The read token is malformed, expired, for another group or not signed by its key.',
  ],
  read_not_allowed: ['forbidden', 'The DID of the read token does not stand under a member of the group.'],
  receipt_quorum_pending: [
    'busy',
    'Too few members have cosigned the log since this transaction; ask again, `missing` names who has not.',
  ],
  not_found: ['missing', 'There is nothing with this name.'],
  read_model_unavailable: ['busy', 'Lists cannot be asked at the moment; the ledger itself goes on.'],
  too_many_submissions: ['busy', 'The node is taking in as many transactions as it can; send the same bytes again.'],
  too_many_listeners: ['busy', 'The node serves as many live streams as it can.'],
  did_malformed: ['malformed', 'This is not a DID of the method that the node resolves.'],
  did_deactivated: ['missing', 'The DID has been deactivated.'],
  document_hash_differs: ['malformed', 'The bytes do not have the hash that the address names.'],
  document_not_anchored: ['conflict', 'No transaction of the group has anchored this hash.'],
  document_damaged: ['busy', 'The node’s copy of this document is damaged; whoever published it can put it again.'],
  document_store_full: ['busy', 'The node keeps as many documents of this group as it can.'],
})

export type ApiRefusalCode = keyof typeof apiRefusals

const statuses: { readonly [kind in RefusalKind]: number } = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  busy: 429,
}

/** Where HTTP has a word of its own for a code. 503: the node cannot, whoever asks; 429: this caller shall wait. */
const ownStatuses: { readonly [code: string]: number } = {
  method_not_allowed: 405,
  body_too_large: 413,
  media_type_not_supported: 415,
  did_deactivated: 410,
  read_model_unavailable: 503,
  document_damaged: 503,
  document_store_full: 503,
  disk_full: 503,
  node_stopped: 503,
  catching_up: 503,
  receipt_quorum_pending: 503,
}

export interface RefusalCatalogue {
  readonly all: Refusals
  statusOf(code: string): number
  sentenceOf(code: string): string | undefined
}

/** The API's own refusals together with those of ledger and domains, which the node hands in. */
export function createRefusalCatalogue(handedIn: Refusals): RefusalCatalogue {
  const all: Refusals = { ...apiRefusals, ...handedIn }
  const find = (code: string) => (Object.hasOwn(all, code) ? all[code] : undefined)
  return {
    all,
    // A code that nobody listed is most likely about the request; tests hold the lists complete.
    statusOf: (code) => ownStatuses[code] ?? statuses[find(code)?.[0] ?? 'malformed'],
    sentenceOf: (code) => find(code)?.[1],
  }
}
