/** A holder with a certificate of the sample city's university, for tests that answer a verifier's page from outside. */
import { type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { fromBase64url } from '@chengxin/kernel'
import {
  anchorBatch,
  planBatch,
  publishBundle,
  publishStatusList,
  type StatusRecord,
  StatusRegister,
  signBatch,
  statusListUri,
  vctOf,
} from '@chengxin/services'
import type { HeldCertificate, Wallet } from '@chengxin/services/openid'
import { newHolderKey } from '@chengxin/testkit/openid-scene'

const typeId = 'type_graduation-v1'

export const graduateClaims = {
  name_latin: 'Chan Tai Man',
  degree_en: 'Bachelor of Science',
  conferred_on: '2026-06-27',
  gpa: '3.10',
}

/** Issues one certificate and publishes its status and a trust bundle that knows it. */
export async function holderOfGraduation(group: GroupClient, nodeUrl: string, directory: string) {
  const { did, privateJwk } = sampleActor('university')
  const signer = nativeSigner(privateJwk, { did })
  const publicGroupUrl = `${nodeUrl}/v1/groups/${group.groupId}`
  const register = StatusRegister.create('list_holder', statusListUri(publicGroupUrl, 'list_holder'))
  const key = newHolderKey(generatePrivateJwk('ES256'))
  const plan = planBatch([{ reference: 'one', holderKey: key.jwk, claims: graduateClaims }], {
    batchId: 'batch_holder',
    typeId,
    vct: vctOf(group.groupId, typeId),
    issuer: did,
    register,
    nowMs: Date.now(),
  })
  const batch = await anchorBatch(keep(plan), { group, signer, nowMs: Date.now })
  const issued: HeldCertificate[] = []
  for await (const { text } of signBatch(batch, signer)) issued.push({ text, key })
  await publishStatusList(register, keep<StatusRecord>(register.record()), { group, signer, nowMs: Date.now })
  await publishBundle(group, { directory, publicGroupUrl, nowMs: Date.now() })
  return issued[0] as HeldCertificate
}

function keep<T>(value: T) {
  let kept: T | undefined = value
  return {
    load: async () => kept,
    async save(next: T) {
      kept = next
    },
    async erase() {
      kept = undefined
    },
  }
}

/** A wallet that trusts the city's authority and reaches others over HTTP. */
export async function httpWallet(group: GroupClient): Promise<Wallet> {
  const { ca } = JSON.parse(await group.getText('/genesis')) as { readonly ca: string }
  return {
    async send({ method, url, headers, body }) {
      const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const answer = await fetch(url, { method, headers: given, ...(method === 'POST' && { body }) })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    },
    newKey: async () => newHolderKey(),
    anchors: [fromBase64url(ca) as Uint8Array],
    nowMs: Date.now,
  }
}
