import { holderVoiceType, jsonRequest, secondsOf, signToken } from '@chengxin/holder'
import type { JsonObject } from '@chengxin/kernel'
import { newHolderKey } from '@chengxin/testkit/openid-scene'
import { expect, test } from 'vitest'
import { answerHolder, hearHolder } from './holder-voice.ts'

const identifier = 'https://issuer.example'
const nowMs = Date.UTC(2026, 5, 1)
const known = newHolderKey()

async function say(
  change: { payload?: JsonObject; typ?: string; key?: ReturnType<typeof newHolderKey> } = {},
): Promise<JsonObject> {
  const { key = known, typ = holderVoiceType } = change
  const payload = { aud: identifier, iat: secondsOf(nowMs), wish: 'status', ...change.payload }
  const jwt = await signToken(key, { typ, jwk: key.jwk }, payload)
  const hear = (given: unknown) =>
    hearHolder(given, { identifier, nowMs: () => nowMs }, async ({ key: asked, wish }) =>
      JSON.stringify(asked) === JSON.stringify(known.jwk) ? { wish } : undefined,
    )
  const answer = await answerHolder(jsonRequest(`${identifier}/holder`, { jwt }), hear)
  const body = JSON.parse(answer.body) as JsonObject
  expect(answer.status === 200).toBe(body['code'] === undefined)
  return body
}

test.each<[string, Parameters<typeof say>[0], string]>([
  ['of another type', { typ: 'kb+jwt' }, 'holder_proof_malformed'],
  ['that wishes what nobody knows', { payload: { wish: 'eat' } }, 'holder_proof_malformed'],
  ['for another issuer', { payload: { aud: 'https://other.example' } }, 'holder_proof_elsewhere'],
  ['of an hour ago', { payload: { iat: secondsOf(nowMs) - 3600 } }, 'holder_proof_old'],
  ['of tomorrow', { payload: { iat: secondsOf(nowMs) + 86_400 } }, 'holder_proof_old'],
  ['by a key that nothing is bound to', { key: newHolderKey() }, 'issued_certificate_not_found'],
])('a wish %s is refused', async (_case, change, code) => {
  expect(await say(change)).toMatchObject({ code })
})

test('a wish by the certificate’s key is met', async () => {
  expect(await say()).toEqual({ wish: 'status' })
  expect(await say({ payload: { wish: 'cancel' } })).toEqual({ wish: 'cancel' })
})
