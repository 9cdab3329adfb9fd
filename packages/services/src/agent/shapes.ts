/** JSON Schemas of what the agent takes in and gives out. */
import type { JsonObject } from '@chengxin/kernel'
import { assertionSchema } from '../desk/assertion.ts'
import { sealedCharacters } from './own-vaults.ts'

const id: JsonObject = { type: 'string', maxLength: 80 }
const names: JsonObject = { type: 'array', items: { type: 'string', maxLength: 120 }, maxItems: 64 }
const time: JsonObject = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

function bodyOf(properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject {
  return { type: 'object', properties, required: [...required], additionalProperties: false }
}

const base64url = (maxLength: number): JsonObject => ({ type: 'string', pattern: '^[A-Za-z0-9_-]+$', maxLength })

export const bodies = {
  ownVault: bodyOf(
    {
      version: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
      sealed: base64url(sealedCharacters),
      keys: {
        type: 'array',
        minItems: 1,
        maxItems: 16,
        items: bodyOf({ credentialId: base64url(1400), wrapped: base64url(200) }),
      },
      index: {
        type: 'array',
        maxItems: 200,
        items: bodyOf({
          certificateId: id,
          issuerUrl: { type: 'string', maxLength: 500 },
          holder: { type: 'array', maxItems: 16, items: base64url(43) },
        }),
      },
      anew: { type: 'boolean' },
    },
    ['version', 'sealed', 'keys', 'index'],
  ),
  relay: bodyOf({
    method: { enum: ['GET', 'POST'] },
    url: { type: 'string', maxLength: 4000 },
    headers: { type: 'object', maxProperties: 8, additionalProperties: { type: 'string', maxLength: 8000 } },
    body: { type: 'string', maxLength: 400_000 },
  }),
  link: bodyOf({ link: { type: 'string', maxLength: 16_000 } }),
  accept: bodyOf({ actId: id, assertion: assertionSchema, txCode: { type: 'string', maxLength: 32 } }, [
    'actId',
    'assertion',
  ]),
  choose: bodyOf({
    actId: id,
    choices: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: bodyOf({ queryId: { type: 'string', maxLength: 128 }, certificateId: id, fields: names }),
    },
  }),
  agree: bodyOf({ actId: id, assertion: assertionSchema }),
  act: bodyOf({ actId: id }),
  print: bodyOf(
    { certificateId: id, fields: names, recipient: { type: 'string', minLength: 1, maxLength: 120 }, untilMs: time },
    ['certificateId', 'fields', 'untilMs'],
  ),
} as const

/** Answers are described by their members; values of several kinds stand as they are. */
export function answerOf(...members: readonly string[]): JsonObject {
  return { type: 'object', properties: Object.fromEntries(members.map((name) => [name, {}])) }
}

export const after = { after: { schema: id, about: 'What comes after this id: `next` of the page before.' } }
