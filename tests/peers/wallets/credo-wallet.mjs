/**
 * Credo-TS as a wallet, for a test to talk to: one JSON command a line comes in, one JSON answer a line goes out.
 * `receive` redeems an offer, `verify` looks at what is held as the wallet sees it now, `present` answers a request.
 */
import { createInterface } from 'node:readline'
import {
  Agent,
  ConsoleLogger,
  InjectionSymbols,
  Kms,
  LogLevel,
  RecordDuplicateError,
  RecordNotFoundError,
  StorageVersionRecord,
  UpdateAssistant,
  X509Module,
} from '@credo-ts/core'
import { agentDependencies, NodeInMemoryKeyManagementStorage, NodeKeyManagementService } from '@credo-ts/node'
import { OpenId4VcModule } from '@credo-ts/openid4vc'

/** Storage in memory: the records themselves, by class and id. */
class MemoryStorage {
  supportsCursorPagination = false
  records = new Map()

  async save(_, record) {
    const key = keyOf(record.constructor, record.id)
    if (this.records.has(key)) throw new RecordDuplicateError('There is one already.', { recordType: record.type })
    this.records.set(key, record)
  }
  async update(_, record) {
    this.records.set(keyOf(record.constructor, record.id), record)
  }
  async delete(_, record) {
    this.records.delete(keyOf(record.constructor, record.id))
  }
  async deleteById(_, recordClass, id) {
    this.records.delete(keyOf(recordClass, id))
  }
  async getById(_, recordClass, id) {
    const record = this.records.get(keyOf(recordClass, id))
    if (!record) throw new RecordNotFoundError(`There is no record ${id}.`, { recordType: recordClass.type })
    return record
  }
  async getAll(_, recordClass) {
    return [...this.records].filter(([key]) => key.startsWith(`${recordClass.type} `)).map(([, record]) => record)
  }
  async findByQuery(context, recordClass, query) {
    return (await this.getAll(context, recordClass)).filter((record) => matches(record.getTags(), query))
  }
}

const keyOf = (recordClass, id) => `${recordClass.type} ${id}`

function matches(tags, { $and = [], $or = [], $not, ...simple }) {
  const has = ([name, wanted]) =>
    wanted === undefined ||
    (Array.isArray(wanted) ? wanted.every((each) => tags[name]?.includes(each)) : tags[name] === wanted)
  if (!Object.entries(simple).every(has) || !$and.every((each) => matches(tags, each))) return false
  if ($or.length > 0 && !$or.some((each) => matches(tags, each))) return false
  return $not === undefined || !matches(tags, $not)
}

/** @param {readonly string[]} trusted certificates of authorities, base64 of DER */
async function openWallet(trusted) {
  const storage = new MemoryStorage()
  const agent = new Agent({
    config: { logger: new ConsoleLogger(LogLevel.off), allowInsecureHttpUrls: true },
    dependencies: agentDependencies,
    modules: {
      storage: { register: (manager) => manager.registerInstance(InjectionSymbols.StorageService, storage) },
      kms: new Kms.KeyManagementModule({
        backends: [new NodeKeyManagementService(new NodeInMemoryKeyManagementStorage())],
      }),
      x509: new X509Module({ trustedCertificates: trusted }),
      openid4vc: new OpenId4VcModule(),
    },
  })
  // A store that says nothing of its version is taken for one of the oldest.
  const storageVersion = UpdateAssistant.frameworkStorageVersion
  await storage.save(undefined, new StorageVersionRecord({ storageVersion }))
  await agent.initialize()
  return agent
}

let agent
let held

const commands = {
  async open({ trusted }) {
    agent = await openWallet(trusted)
    return {}
  },

  async receive({ offer, txCode, batchSize }) {
    const { holder } = agent.openid4vc
    const resolvedCredentialOffer = await holder.resolveCredentialOffer(offer)
    const token = await holder.requestToken({ resolvedCredentialOffer, ...(txCode && { txCode }) })
    const { credentials } = await holder.requestCredentials({
      resolvedCredentialOffer,
      ...token,
      verifyCredentialStatus: true,
      credentialBindingResolver: async ({ proofTypes, credentialFormat }) => {
        const keys = []
        for (let count = 0; count < batchSize; count++) {
          const { publicJwk } = await agent.kms.createKeyForSignatureAlgorithm({ algorithm: 'ES256' })
          keys.push(Kms.PublicJwk.fromPublicJwk(publicJwk))
        }
        return { method: 'jwk', keys, format: credentialFormat, proofTypes: Object.keys(proofTypes) }
      },
    })
    ;[held] = credentials
    await agent.sdJwtVc.store({ record: held.record })
    const all = held.record.credentialInstances.map(({ compactSdJwtVc }) => compactSdJwtVc)
    return { credentials: all }
  },

  async verify({ index = 0 }) {
    const { compactSdJwtVc } = held.record.credentialInstances[index]
    const { isValid, error, sdJwtVc } = await agent.sdJwtVc.verify({ compactSdJwtVc })
    return { isValid, error: error?.message, claims: sdJwtVc?.prettyClaims }
  },

  async present({ request }) {
    const { holder } = agent.openid4vc
    const resolved = await holder.resolveOpenId4VpAuthorizationRequest(request)
    const { queryResult } = resolved.dcql
    if (!queryResult.can_be_satisfied) return { refused: 'Nothing that is held answers the request.' }
    const credentials = holder.selectCredentialsForDcqlRequest(queryResult)
    const sent = await holder.acceptOpenId4VpAuthorizationRequest({
      authorizationRequestPayload: resolved.authorizationRequestPayload,
      dcql: { credentials },
    })
    return { clientId: resolved.verifier.effectiveClientId, status: sent.serverResponse.status, ok: sent.ok }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line)
  try {
    console.log(JSON.stringify(await commands[command](options)))
  } catch (error) {
    console.log(JSON.stringify({ failed: `${error.stack}\n${error.cause?.stack ?? ''}` }))
  }
}
await agent?.shutdown()
