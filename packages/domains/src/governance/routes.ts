import { type Route, s } from '@chengxin/module-kit'
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
import { quorumOf } from './committee.ts'
import { changeSchema } from './schema.ts'

const memberShape = answerShape({
  memberId: text('member_id'),
  status: text('status', { enum: ['active', 'suspended', 'removed'] }),
  /** Since when the status holds. */
  sinceMs: integer('since_ms'),
  admittedAtMs: integer('admitted_at_ms'),
  organisation: text('organisation'),
  fingerprint: text('fingerprint'),
  serial: text('serial'),
  certificateNotAfterMs: integer('certificate_not_after_ms'),
  adminDids: json('admin_dids', stringList),
  logKey: json('log_key', jwkSchema),
  cosignerKey: json('cosigner_key', jwkSchema),
  validatorKey: optional(json('validator_key', jwkSchema)),
  peerId: optional(text('peer_id')),
})

const certificateShape = answerShape({
  serial: text('serial'),
  fingerprint: text('fingerprint'),
  revokedAtMs: optional(integer('revoked_at_ms')),
})

const roleShape = answerShape({
  role: text('role'),
  did: text('did'),
  /** The organisation on whose behalf the role is held. */
  member: text('member_id'),
  status: text('status', { enum: ['held', 'frozen', 'revoked'] }),
  sinceMs: integer('since_ms'),
})

const seatSchema = {
  type: 'object',
  properties: { did: { type: 'string' }, member: { type: 'string' } },
  required: ['did', 'member'],
  additionalProperties: false,
} as const

const committeeShape = answerShape({
  version: integer('version'),
  threshold: integer('threshold'),
  seats: json('seats', listOf(seatSchema)),
  sinceMs: integer('since_ms'),
})

const rulesetShape = answerShape({
  fromLeaf: integer('from_leaf'),
  hash: text('hash'),
  version: text('version'),
  decidedAtMs: integer('decided_at_ms'),
  /** Whether a later decision took its place before or after it came into force. */
  replaced: flag('replaced'),
})

const proposalShape = answerShape({
  proposalId: text('proposal_id'),
  proposer: text('proposer'),
  kind: text('kind'),
  change: json('change', changeSchema.json),
  status: text('status', { enum: ['open', 'passed', 'withdrawn'] }),
  /** Those whose approval counts. */
  approvedBy: json('approved_by', stringList),
  proposedAtMs: integer('proposed_at_ms'),
  expiresAtMs: integer('expires_at_ms'),
  closedAtMs: optional(integer('closed_at_ms')),
})

const approvalShape = answerShape({ did: text('did'), atMs: integer('at_ms') })

const pinnedMemberSchema = {
  type: 'object',
  properties: { memberId: { type: 'string' }, logKey: jwkSchema, cosignerKey: jwkSchema },
  required: ['memberId', 'logKey', 'cosignerKey'],
  additionalProperties: false,
} as const

const pinShape = answerShape({
  group: text('group_id'),
  origin: text('origin'),
  members: json('members', listOf(pinnedMemberSchema)),
  quorum: integer('quorum'),
  maxAgeMs: integer('max_age_ms'),
  typeIds: json('type_ids', stringList),
  status: text('status', { enum: ['pinned', 'unpinned'] }),
  sinceMs: integer('since_ms'),
})

export const routes: readonly Route[] = [
  {
    path: '/receipt-quorum',
    summary: 'How many active members must have cosigned a checkpoint before receipts are given against it.',
    access: 'open',
    response: {
      type: 'object',
      properties: {
        needed: { type: 'integer' },
        /** Whether the committee said so, or it follows from who validates. */
        decided: { type: 'boolean' },
        members: { type: 'integer' },
      },
      required: ['needed', 'decided', 'members'],
      additionalProperties: false,
    },
    async answer({ sql }) {
      const [row] = await sql.query(
        `SELECT (SELECT cosignatures FROM governance_receipt_quorums ORDER BY seq DESC LIMIT 1) AS decided,
          count(*)::int AS members, count(validator_key)::int AS validators
        FROM governance_members WHERE status = 'active'`,
      )
      const [members, validators] = [Number(row?.['members']), Number(row?.['validators'])]
      const decided = row?.['decided']
      const isDecided = decided !== null && decided !== undefined
      const needed = isDecided ? Math.max(1, Math.min(Number(decided), members)) : quorumOf(validators)
      return { needed, decided: isDecided, members }
    },
  },
  {
    path: '/pinned-groups',
    summary: 'Other groups whose receipts and states are believed here, by whose keys and for what.',
    access: 'open',
    response: pageSchema('pinnedGroups', pinShape.schema),
    async answer({ sql }) {
      const statement = `SELECT ${pinShape.columns('t')} FROM governance_pinned_groups t ORDER BY t.seq DESC LIMIT 200`
      return { pinnedGroups: (await sql.query(statement)).map(pinShape.read) }
    },
  },
  {
    path: '/members',
    summary: 'The white list: every organisation that is or was a member.',
    access: 'open',
    response: pageSchema('members', memberShape.schema),
    async answer({ sql }) {
      // Members are few: the group holds a limited number, and who leaves is seldom.
      const statement = `SELECT ${memberShape.columns('t')} FROM governance_members t ORDER BY t.seq LIMIT 1000`
      return { members: (await sql.query(statement)).map(memberShape.read) }
    },
  },
  {
    path: '/members/:memberId',
    summary: 'One member, with the certificates it has or had.',
    params: { memberId: s.id('member') },
    access: 'open',
    response: withMembers(memberShape, { certificates: listOf(certificateShape.schema) }),
    async answer({ sql, params }) {
      const memberId = params['memberId'] ?? ''
      const statement = `SELECT ${memberShape.columns('t')} FROM governance_members t WHERE t.member_id = $1`
      const [member] = await sql.query(statement, [memberId])
      if (member === undefined) return undefined
      const certificates = await sql.query(
        `SELECT ${certificateShape.columns('t')} FROM governance_certificates t WHERE t.member_id = $1 ORDER BY t.serial`,
        [memberId],
      )
      return { ...memberShape.read(member), certificates: certificates.map(certificateShape.read) }
    },
  },
  {
    path: '/roles',
    summary: 'Who holds, held or lost which role, newest first.',
    query: {
      ...newestFirst,
      role: { schema: { type: 'string' }, about: 'Only this role.' },
      did: { schema: { type: 'string' }, about: 'Only of this DID.' },
    },
    access: 'open',
    response: pageSchema('roles', roleShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'roles',
        roleShape,
        'governance_roles t',
        ['($3::text IS NULL OR t.role = $3)', '($4::text IS NULL OR t.did = $4)'],
        [request.query['role'] ?? null, request.query['did'] ?? null],
      ),
  },
  {
    path: '/committee',
    summary: 'The committee as it is now.',
    access: 'open',
    response: committeeShape.schema,
    async answer({ sql }) {
      const statement = `SELECT ${committeeShape.columns('t')} FROM governance_committees t ORDER BY t.version DESC LIMIT 1`
      const [committee] = await sql.query(statement)
      return committee && committeeShape.read(committee)
    },
  },
  {
    path: '/rulesets',
    summary: 'Which rules were, are and will be in force, from which leaf on.',
    access: 'open',
    response: pageSchema('rulesets', rulesetShape.schema),
    async answer({ sql }) {
      // A later decision drops plans for its own leaf and those after it.
      const statement = `SELECT ${rulesetShape.columns('t')} FROM (
          SELECT r.*, EXISTS (
            SELECT 1 FROM governance_rulesets later WHERE later.seq > r.seq AND later.from_leaf <= r.from_leaf
          ) AS replaced FROM governance_rulesets r
        ) t ORDER BY t.seq DESC LIMIT 1024`
      return { rulesets: (await sql.query(statement)).map(rulesetShape.read) }
    },
  },
  {
    path: '/proposals',
    summary: 'Changes put to the committee, newest first. An open one that has expired can only be withdrawn.',
    query: {
      ...newestFirst,
      status: { schema: { type: 'string', enum: ['open', 'passed', 'withdrawn'] }, about: 'Only with this status.' },
    },
    access: 'open',
    response: pageSchema('proposals', proposalShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'proposals',
        proposalShape,
        'governance_proposals t',
        ['($3::text IS NULL OR t.status = $3)'],
        [request.query['status'] ?? null],
      ),
  },
  {
    path: '/proposals/:proposalId',
    summary: 'One proposal with every approval, also those that count no more.',
    params: { proposalId: s.id('proposal') },
    access: 'open',
    response: withMembers(proposalShape, { approvals: listOf(approvalShape.schema) }),
    async answer({ sql, params }) {
      const proposalId = params['proposalId'] ?? ''
      const statement = `SELECT ${proposalShape.columns('t')} FROM governance_proposals t WHERE t.proposal_id = $1`
      const [proposal] = await sql.query(statement, [proposalId])
      if (proposal === undefined) return undefined
      const approvals = await sql.query(
        `SELECT ${approvalShape.columns('t')} FROM governance_approvals t WHERE t.proposal_id = $1 ORDER BY t.seq`,
        [proposalId],
      )
      return { ...proposalShape.read(proposal), approvals: approvals.map(approvalShape.read) }
    },
  },
]
