import { type JsonSchema, type Route, s } from '@chengxin/module-kit'
import {
  answerShape,
  flag,
  integer,
  json,
  jwkSchema,
  listOf,
  optional,
  stringList,
  text,
  withMembers,
} from '../answers.ts'
import { newestFirst, newestPage, pageSchema } from '../paging.ts'
import { limits } from './types.ts'

const didShape = answerShape({
  did: text('did'),
  sponsor: text('sponsor'),
  status: text('status', { enum: ['active', 'deactivated'] }),
  createdAtMs: integer('created_at_ms'),
  deactivatedAtMs: optional(integer('deactivated_at_ms')),
  /** How often an identity bureau confirmed the DID, and the newest confirmation. */
  confirmations: integer('confirmations'),
  confirmedBy: optional(text('confirmed_by')),
  confirmedAtMs: optional(integer('confirmed_at_ms')),
  commitment: optional(text('commitment')),
})

const keyShape = answerShape({
  keyId: text('key_id'),
  jwk: json('jwk', jwkSchema),
  passkey: flag('passkey'),
  addedAtMs: integer('added_at_ms'),
  retiredAtMs: optional(integer('retired_at_ms')),
})

const recoveryShape = answerShape({
  guardians: json('guardians', stringList),
  threshold: integer('threshold'),
  delayMs: integer('delay_ms'),
  requestedBy: optional(text('requested_by')),
  requestedAtMs: optional(integer('requested_at_ms')),
  newKeyId: optional(text('new_key_id')),
  approvals: optional(integer('approvals')),
  completableAtMs: optional(integer('completable_at_ms')),
  lapsesAtMs: optional(integer('lapses_at_ms')),
  /** Whether the request that is running was made at the bureau's counter, and not by a guardian. */
  atCounter: optional(flag('at_counter')),
})

/** What the holder said of the bureau's counter; what is absent was not said. */
const counterShape = answerShape({
  standing: optional(text('counter', { enum: ['open', 'closed'] })),
  delayMs: optional(integer('counter_delay_ms')),
})

const completedShape = answerShape({ seq: text('seq'), did: text('did'), atMs: integer('at_ms') })

const delegationShape = answerShape({
  delegationId: text('delegation_id'),
  principal: text('principal'),
  to: text('agent'),
  scope: json('scope', stringList),
  fromMs: integer('from_ms'),
  untilMs: integer('until_ms'),
  revokedAtMs: optional(integer('revoked_at_ms')),
})

const { properties, ...detail } = withMembers(didShape, {
  keys: listOf(keyShape.schema),
  delegations: listOf(delegationShape.schema),
})
/**
 * Who named no guardians, and for whom nobody asks for a new key, has no member `recovery`; whom no bureau confirmed has no
 * member `counter`.
 */
const detailSchema: JsonSchema = {
  ...detail,
  properties: {
    ...(properties as object),
    recovery: recoveryShape.schema,
    counter: {
      type: 'object',
      properties: { standing: { enum: ['open', 'closed'] }, delayMs: { type: 'integer' } },
      required: ['standing', 'delayMs'],
      additionalProperties: false,
    },
  },
}

/** How the counter helps who has said nothing of it. */
const untouchedCounter = { standing: 'open', delayMs: limits.counterDelayMs } as const

export const routes: readonly Route[] = [
  {
    path: '/dids',
    summary: 'DIDs of the group, newest first.',
    query: { ...newestFirst, sponsor: { schema: { type: 'string' }, about: 'Only those that this member sponsors.' } },
    access: 'policy',
    response: pageSchema('dids', didShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'dids',
        didShape,
        'identity_dids t',
        ['($3::text IS NULL OR t.sponsor = $3)'],
        [request.query['sponsor'] ?? null],
      ),
  },
  {
    path: '/dids/:did',
    summary: 'One DID: its keys, retired ones included, its newest delegations and its recovery.',
    params: { did: s.did() },
    access: 'policy',
    response: detailSchema,
    async answer({ sql, params }) {
      const did = params['did'] ?? ''
      const [found] = await sql.query(`SELECT ${didShape.columns('t')} FROM identity_dids t WHERE t.did = $1`, [did])
      if (found === undefined) return undefined
      const keys = await sql.query(
        `SELECT ${keyShape.columns('t')} FROM identity_keys t WHERE t.did = $1 ORDER BY t.added_at_ms, t.key_id LIMIT 1000`,
        [did],
      )
      const [recovery] = await sql.query(
        `SELECT ${recoveryShape.columns('t')} FROM identity_recoveries t WHERE t.did = $1
           AND (t.threshold > 0 OR t.requested_at_ms IS NOT NULL)`,
        [did],
      )
      const [said] = await sql.query(
        `SELECT ${counterShape.columns('t')} FROM identity_recoveries t JOIN identity_dids d ON d.did = t.did
           WHERE t.did = $1 AND d.confirmations > 0`,
        [did],
      )
      const delegations = await sql.query(
        `SELECT ${delegationShape.columns('t')} FROM identity_delegations t WHERE t.principal = $1 ORDER BY t.seq DESC LIMIT 200`,
        [did],
      )
      return {
        ...didShape.read(found),
        keys: keys.map(keyShape.read),
        delegations: delegations.map(delegationShape.read),
        ...(recovery && { recovery: recoveryShape.read(recovery) }),
        ...(said && { counter: { ...untouchedCounter, ...counterShape.read(said) } }),
      }
    },
  },
  {
    path: '/recoveries',
    summary: 'Recoveries that were completed, newest first: who relied on the old keys may look here.',
    query: newestFirst,
    access: 'policy',
    response: pageSchema('recoveries', completedShape.schema),
    answer: (request) => newestPage(request, 'recoveries', completedShape, 'identity_completed_recoveries t'),
  },
  {
    path: '/delegations',
    summary: 'Who may or might act for whom, newest first.',
    query: {
      ...newestFirst,
      principal: { schema: { type: 'string' }, about: 'Only those that this DID gave.' },
      to: { schema: { type: 'string' }, about: 'Only those that this DID was given.' },
    },
    access: 'policy',
    response: pageSchema('delegations', delegationShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'delegations',
        delegationShape,
        'identity_delegations t',
        ['($3::text IS NULL OR t.principal = $3)', '($4::text IS NULL OR t.agent = $4)'],
        [request.query['principal'] ?? null, request.query['to'] ?? null],
      ),
  },
]
