/** Bodies and answers of the sign-in desk, as JSON Schemas. */
import type { JsonObject } from '@chengxin/kernel'
import { officeRoles } from '../desk/person.ts'

const base64url = (maxLength: number): JsonObject => ({
  type: 'string',
  pattern: '^[A-Za-z0-9_-]+$',
  minLength: 1,
  maxLength,
})
export const object = (properties: JsonObject, optional: readonly string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
})

export const time: JsonObject = { type: 'integer' }
export const text: JsonObject = { type: 'string' }
const secret = base64url(43)
export const roles: JsonObject = {
  type: 'array',
  minItems: 1,
  maxItems: officeRoles.length,
  uniqueItems: true,
  items: { enum: officeRoles },
}

export const registrationBody = object({ invitation: secret }, ['invitation'])
export const registrationAnswer = object({
  challenge: text,
  rpId: text,
  userHandle: text,
  exclude: { type: 'array', items: text },
})
export const registrationCompleteBody = object(
  {
    challenge: base64url(43),
    authenticatorData: base64url(4096),
    clientDataJSON: base64url(8192),
    invitation: secret,
  },
  ['invitation'],
)
export const challengeAnswer = object({ challenge: text, rpId: text })
export const assertionBody = object({
  challenge: base64url(43),
  credentialId: base64url(1400),
  authenticatorData: base64url(4096),
  clientDataJSON: base64url(8192),
  signature: base64url(86),
})

const passkey = object({
  credentialId: text,
  keyId: text,
  jwk: { type: 'object' },
  createdAtMs: time,
})
const person = object(
  {
    accountId: text,
    kind: { enum: ['resident', 'officer'] },
    office: text,
    roles: { type: 'array', items: text },
    did: text,
    ownDid: text,
    persona: text,
    sampleName: text,
    signedInAtMs: time,
    passkeys: { type: 'array', items: passkey },
  },
  ['office', 'did', 'ownDid', 'persona', 'sampleName'],
)
const persona = object({ name: text, kind: text, office: text, roles: { type: 'array', items: text } }, ['office'])
export const sessionAnswer = object(
  { person, personas: { type: 'array', items: persona }, sampleCity: { type: 'boolean' }, rpId: text },
  ['person'],
)
export const sessionsAnswer = object({
  sessions: {
    type: 'array',
    items: object({ sessionId: text, device: text, signedInAtMs: time, untilMs: time, current: { type: 'boolean' } }),
  },
})
const invitation = object(
  {
    invitationId: text,
    office: text,
    roles: { type: 'array', items: text },
    status: { enum: ['proposed', 'open', 'used', 'withdrawn'] },
    mine: { type: 'boolean' },
    createdAtMs: time,
    untilMs: time,
  },
  [],
)
export const invitationsAnswer = object({ invitations: { type: 'array', items: invitation } })
export const done = object({ done: { const: true } })
