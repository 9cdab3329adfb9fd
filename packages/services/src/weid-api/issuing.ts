/**
 * Authority issuers and CPTs. On the ledger a CPT is a type of certificate, by the hash of its schema, and being an issuer is
 * a right to one type; the right is given when a registered issuer registers a CPT.
 */
import { action, credentials } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Hash, isRefusal, type JsonObject, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { findCpt, type RegisteredCpt } from './book.ts'
import { isKnownSchema } from './cpt-schema.ts'
import { send, type WeidCall, type WeidResult, type WeidService } from './service.ts'
import { findDid } from './weids.ts'

export async function registerAuthorityIssuer(service: WeidService, { args, account }: WeidCall): Promise<WeidResult> {
  // The documents of WeIdentity spell the member in two ways.
  const { weId = args['weid'], name } = args
  if (weId === undefined || name === undefined) return refuse('input_missing')
  if (typeof name !== 'string' || name === '' || name.length > 120) return refuse('input_malformed')
  if (account?.isAuthority !== true) return refuse('authority_needed')
  const found = await findDid(service, weId)
  if (!found) return refuse('weid_not_found')
  if ((await service.book.read()).issuers[found.did]) return refuse('issuer_registered_before')
  const issuer = { name, createdMs: service.nowMs() }
  await service.book.change((book) => ({ ...book, issuers: { ...book.issuers, [found.did]: issuer } }))
  return { respBody: true }
}

export async function queryAuthorityIssuer({ book }: WeidService, { args }: WeidCall): Promise<WeidResult> {
  const { weId } = args
  if (typeof weId !== 'string') return refuse('input_missing')
  const { issuers } = await book.read()
  const issuer = Object.hasOwn(issuers, weId) ? issuers[weId] : undefined
  if (!issuer) return refuse('issuer_not_registered')
  return { respBody: { accValue: '', created: issuer.createdMs, name: issuer.name, weid: weId } }
}

export async function registerCpt(service: WeidService, { args, invoker }: WeidCall): Promise<WeidResult> {
  const { weId, cptJsonSchema } = args
  if (weId === undefined || cptJsonSchema === undefined || !invoker) return refuse('input_missing')
  if (weId !== invoker.did) return refuse('invoker_not_yours')
  if (!service.authority) return refuse('role_not_here')
  if (!isKnownSchema(cptJsonSchema)) return refuse('cpt_not_supported')
  if (!(await service.book.read()).issuers[invoker.did]) return refuse('issuer_not_registered')
  const schema: JsonObject = { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object', ...cptJsonSchema }
  // The number is taken before anything is sent: one that came to nothing is left out, and none is given twice.
  const { nextCptId } = await service.book.change((book) => ({ ...book, nextCptId: book.nextCptId + 1 }))
  const cptId = nextCptId - 1
  const typeId = `type_cpt-${cptId}` as const
  const [schemaDocument, display] = [documentOf(schema), documentOf(displayOf(schema, cptId))]
  const outcome = await send(service, service.authority, [
    action(credentials.defineType, { typeId, schemaHash: schemaDocument.hash, displayHash: display.hash }),
    action(credentials.authoriseIssuer, { issuer: invoker.did, typeId }),
  ])
  if (isRefusal(outcome)) return outcome
  for (const { hash, text } of [schemaDocument, display])
    await service.group.putDocument(hash, text, 'application/json')
  const cpt: RegisteredCpt = { cptId, typeId, publisher: invoker.did, schema, createdMs: service.nowMs() }
  await service.book.change((book) => ({ ...book, cpts: { ...book.cpts, [cptId]: cpt } }))
  return { respBody: { cptId, cptVersion: 1 } }
}

function documentOf(value: object) {
  const text = canonicalize(value)
  return { text, hash: toBase64url(sha256(toUtf8(text))) as Hash }
}

/** A CPT has words in one language; they stand in all four until somebody translates them. */
function displayOf({ title, properties = {} }: JsonObject, cptId: number): JsonObject {
  const name = typeof title === 'string' ? title : `CPT ${cptId}`
  const labels = Object.entries(properties as JsonObject).map(([claim, schema]) => {
    const { description } = schema as JsonObject
    return [claim, typeof description === 'string' ? description : claim] as const
  })
  const wording = { name, claims: Object.fromEntries(labels) }
  return { en: wording, 'zh-Hans': wording, 'zh-Hant': wording, pt: wording }
}

export async function queryCpt({ book }: WeidService, { args }: WeidCall): Promise<WeidResult> {
  const { cptId } = args
  if (cptId === undefined) return refuse('input_missing')
  const cpt = findCpt(await book.read(), cptId)
  if (!cpt) return refuse('cpt_not_found')
  const meta = { cptPublisher: cpt.publisher, cptSignature: '', created: cpt.createdMs, updated: 0 }
  return {
    respBody: {
      cptBaseInfo: { cptId: cpt.cptId, cptVersion: 1 },
      cptId: cpt.cptId,
      cptVersion: 1,
      cptJsonSchema: cpt.schema,
      ...meta,
      metaData: meta,
    },
  }
}
