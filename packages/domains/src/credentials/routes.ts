import { type Route, s } from '@chengxin/module-kit'
import { answerShape, integer, listOf, optional, text } from '../answers.ts'
import { newestFirst, newestPage, pageSchema } from '../paging.ts'

const typeShape = answerShape({
  typeId: text('type_id'),
  schemaHash: text('schema_hash'),
  displayHash: text('display_hash'),
  definedAtMs: integer('defined_at_ms'),
})

/** One row a period; the newest of an issuer and type says how it stands now. */
const periodShape = answerShape({
  issuer: text('issuer'),
  typeId: text('type_id'),
  period: integer('period'),
  domain: optional(text('domain')),
  fromMs: integer('from_ms'),
  untilMs: optional(integer('until_ms')),
  endedAtMs: optional(integer('ended_at_ms')),
  endedBy: optional(text('ended_by', { enum: ['frozen', 'withdrawn'] })),
  compromisedSinceMs: optional(integer('compromised_since_ms')),
  /** The other group that proved the right, where it was accepted and not given here. */
  fromGroup: optional(text('from_group')),
  /** Who keeps the type since this period ended, where the issuer was dissolved. */
  successor: optional(text('successor')),
})

const batchShape = answerShape({
  batchId: text('batch_id'),
  issuer: text('issuer'),
  typeId: text('type_id'),
  root: text('root'),
  count: integer('count'),
  anchoredAtMs: integer('anchored_at_ms'),
  transactionId: optional(text('transaction_id')),
})

const statusListShape = answerShape({
  listId: text('list_id'),
  version: integer('version'),
  issuer: text('issuer'),
  hash: text('hash'),
  validUntilMs: optional(integer('valid_until_ms')),
  anchoredAtMs: integer('anchored_at_ms'),
})

const documentShape = answerShape({
  hash: text('hash'),
  kind: text('kind', { enum: ['schema', 'display', 'status_list', 'registration'] }),
  /** The type, status list or verifier that the document belongs to. */
  subject: text('subject'),
  version: integer('version'),
  anchoredAtMs: integer('anchored_at_ms'),
})

const verifierShape = answerShape({
  verifier: text('verifier'),
  version: integer('version'),
  domain: text('domain'),
  /** The document is served at `/documents/{hash}`. */
  registrationHash: text('registration_hash'),
  fromMs: integer('from_ms'),
  untilMs: optional(integer('until_ms')),
  endedAtMs: optional(integer('ended_at_ms')),
})

const statementRootShape = answerShape({
  root: text('root'),
  keeper: text('keeper'),
  anchoredAtMs: integer('anchored_at_ms'),
  transactionId: optional(text('transaction_id')),
})

/** Of each list only its newest version. */
const newestVersions = `(
  SELECT l.* FROM credentials_status_lists l WHERE NOT EXISTS (
    SELECT 1 FROM credentials_status_lists newer WHERE newer.list_id = l.list_id AND newer.version = l.version + 1
  )
) t`

export const routes: readonly Route[] = [
  {
    path: '/credential-types',
    summary: 'Kinds of certificates, newest first.',
    query: newestFirst,
    access: 'open',
    response: pageSchema('types', typeShape.schema),
    answer: (request) => newestPage(request, 'types', typeShape, 'credentials_types t'),
  },
  {
    path: '/issuers',
    summary: 'Who may or might issue what: one entry a period of an authorisation, newest first.',
    query: {
      ...newestFirst,
      issuer: { schema: { type: 'string' }, about: 'Only this DID.' },
      typeId: { schema: { type: 'string' }, about: 'Only this type.' },
    },
    access: 'open',
    response: pageSchema('issuers', periodShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'issuers',
        periodShape,
        'credentials_periods t',
        ['($3::text IS NULL OR t.issuer = $3)', '($4::text IS NULL OR t.type_id = $4)'],
        [request.query['issuer'] ?? null, request.query['typeId'] ?? null],
      ),
  },
  {
    path: '/batches',
    summary: 'Anchored batches of certificates, newest first.',
    query: { ...newestFirst, issuer: { schema: { type: 'string' }, about: 'Only those of this DID.' } },
    access: 'open',
    response: pageSchema('batches', batchShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'batches',
        batchShape,
        'credentials_batches t',
        ['($3::text IS NULL OR t.issuer = $3)'],
        [request.query['issuer'] ?? null],
      ),
  },
  {
    path: '/batches/:batchId',
    summary: 'One batch.',
    params: { batchId: s.id('batch') },
    access: 'open',
    response: batchShape.schema,
    async answer({ sql, params }) {
      const statement = `SELECT ${batchShape.columns('t')} FROM credentials_batches t WHERE t.batch_id = $1`
      const [batch] = await sql.query(statement, [params['batchId'] ?? ''])
      return batch && batchShape.read(batch)
    },
  },
  {
    path: '/status-lists',
    summary: 'The newest version of every status list, newest first.',
    query: newestFirst,
    access: 'open',
    response: pageSchema('statusLists', statusListShape.schema),
    answer: (request) => newestPage(request, 'statusLists', statusListShape, newestVersions),
  },
  {
    path: '/status-lists/:listId/versions',
    summary: 'All versions of one status list, newest first.',
    params: { listId: s.id('list') },
    query: newestFirst,
    access: 'open',
    response: pageSchema('versions', statusListShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'versions',
        statusListShape,
        'credentials_status_lists t',
        ['t.list_id = $3'],
        [request.params['listId'] ?? ''],
      ),
  },
  {
    path: '/verifiers',
    summary: 'Who may ask holders for what: the newest registration of every verifier, newest first.',
    query: newestFirst,
    access: 'open',
    response: pageSchema('verifiers', verifierShape.schema),
    answer: (request) => newestPage(request, 'verifiers', verifierShape, 'credentials_verifiers t'),
  },
  {
    path: '/verifiers/:did',
    summary: 'The newest registration of one verifier.',
    params: { did: s.did() },
    access: 'open',
    response: verifierShape.schema,
    async answer({ sql, params }) {
      const statement = `SELECT ${verifierShape.columns('t')} FROM credentials_verifiers t WHERE t.verifier = $1`
      const [verifier] = await sql.query(statement, [params['did'] ?? ''])
      return verifier && verifierShape.read(verifier)
    },
  },
  {
    path: '/statement-roots',
    summary: 'Roots over salted commitments of consents and accesses, newest first.',
    query: newestFirst,
    access: 'open',
    response: pageSchema('roots', statementRootShape.schema),
    answer: (request) => newestPage(request, 'roots', statementRootShape, 'credentials_statement_roots t'),
  },
  {
    path: '/anchored-documents/:hash',
    summary: 'What a hash stands for on the ledger: a schema, a display, a status list or a registration.',
    params: { hash: s.hash() },
    access: 'open',
    response: {
      type: 'object',
      properties: { documents: listOf(documentShape.schema) },
      required: ['documents'],
      additionalProperties: false,
    },
    async answer({ sql, params }) {
      const statement = `SELECT ${documentShape.columns('t')} FROM credentials_anchored_documents t
        WHERE t.hash = $1 ORDER BY t.kind, t.subject, t.version LIMIT 200`
      const documents = await sql.query(statement, [params['hash'] ?? ''])
      return documents.length === 0 ? undefined : { documents: documents.map(documentShape.read) }
    },
  },
]
