/** Bodies and answers of the bureau's desk, as JSON Schemas. */

import { actKinds, refusalReasons } from '@chengxin/client/bureau-acts'
import type { JsonObject } from '@chengxin/kernel'
import { object, text, time } from '../sign-in/shapes.ts'
import { factSchemas } from './identity-type.ts'

const base64url = (maxLength: number): JsonObject => ({ type: 'string', pattern: '^[A-Za-z0-9_-]+$', maxLength })
const id: JsonObject = { type: 'string', maxLength: 64 }
const list = (items: JsonObject): JsonObject => ({ type: 'array', items })

export const facts = object(factSchemas)
const assertion = object({ authenticatorData: base64url(700), clientDataJSON: base64url(2800) })
export const keyProofBody = object(
  {
    key: object({ kty: text, crv: text, x: base64url(64), y: base64url(64) }, ['y']),
    proof: base64url(86),
    webauthn: assertion,
  },
  ['webauthn'],
)
export const applyBody = object({ facts, documentPhoto: id, facePhoto: id })
export const counterBody = object({ facts, documentPhoto: id, facePhoto: id }, ['documentPhoto', 'facePhoto'])
export const decisionBody: JsonObject = {
  oneOf: [
    object({ confirm: { const: true } }),
    object({ confirm: { const: false }, reason: { enum: refusalReasons } }),
  ],
}
export const secretBody = object({ secret: base64url(43) })
export const newKeyBody = object({
  secret: base64url(43),
  authenticatorData: base64url(4096),
  clientDataJSON: base64url(8192),
  proof: base64url(86),
  webauthn: assertion,
})
export const documentBody = object({
  document_type: factSchemas['document_type'] as JsonObject,
  document_number: factSchemas['document_number'] as JsonObject,
})
export const actBody = withProperties(
  {
    kind: { enum: Object.keys(actKinds) },
    personId: id,
    reason: { type: 'string', maxLength: 40 },
    facts,
    guardian: object({ accountId: id, untilMs: time }),
  },
  ['facts', 'guardian'],
)
export const agreeBody = withProperties({ agree: { type: 'boolean' } })
/** A transaction is at most 48 KiB of text. */
export const signatureBody = object({ jws: { type: 'string', maxLength: 49_152, pattern: '^[A-Za-z0-9_.-]+$' } })

export const applicationRow = object(
  {
    applicationId: text,
    facts,
    status: text,
    submittedAtMs: time,
    atCounter: { type: 'boolean' },
    mine: { type: 'boolean' },
    documentPhoto: text,
    facePhoto: text,
    reason: text,
    decidedAtMs: time,
    personId: text,
    documentOf: text,
  },
  ['documentPhoto', 'facePhoto', 'reason', 'decidedAtMs', 'personId', 'documentOf'],
)
export const applicationsAnswer = object(
  {
    applications: list(applicationRow),
    counts: { type: 'object', additionalProperties: { type: 'integer' } },
    next: text,
  },
  ['next'],
)
export const personAnswer = object({
  personId: text,
  accountId: text,
  did: text,
  facts,
  status: text,
  confirmedAtMs: time,
  history: list(object({ atMs: time, kind: text, reason: text, two: { type: 'boolean' } }, ['reason'])),
  certificates: list(object({ reference: text, status: text, issuedOnMs: time })),
  acts: list({ type: 'object' }),
})
export const peopleAnswer = object({ people: list(object({ personId: text, facts, status: text })) })
export const actsAnswer = object({ acts: list({ type: 'object' }) })
export const mineAnswer = object(
  {
    application: object({ applicationId: text, status: text, submittedAtMs: time, reason: text }, ['reason']),
    person: object({ status: text, confirmedAtMs: time, facts }),
    certificates: list(object({ reference: text, status: text, issuedOnMs: time })),
    wards: list(object({ accountId: text, did: text, untilMs: time })),
    bureauDid: text,
    groupId: text,
    onLedger: { type: 'boolean' },
  },
  ['application', 'person'],
)

/** As `object`, for bodies to which a member is added. */
function withProperties(properties: JsonObject, optional: readonly string[] = []) {
  return { ...object(properties, optional), properties }
}
