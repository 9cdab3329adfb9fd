/** The verifier's desk: what may be asked, asking, answers as they come, many files at once, and signed reports. */

import { reportType } from '@chengxin/audit'
import type { GroupClient } from '@chengxin/client'
import { isRefusal, type Json, type JsonObject, refuse } from '@chengxin/kernel'
import { type Desk, type DeskEndpoint, DeskFile, personOf } from '../desk/endpoint.ts'
import type { OpenidEndpoint } from '../openid/endpoints.ts'
import { verifierEndpoints } from '../openid/endpoints.ts'
import type { Vault } from '../vault/face.ts'
import { type Asking, ask, forget, look } from './ask.ts'
import { type Asked, askedRecords, askedView, type Device } from './asked.ts'
import { checkFiles, type NamedFile } from './many-files.ts'
import { officeOf, registeredAs, type VerifierOffice } from './office.ts'
import { type AskedFields, mostOptional } from './query-for.ts'
import { verifierRefusals } from './refusals.ts'
import { fileItem, itemOf, signReport } from './signed-report.ts'
import type { Trusted } from './trusted.ts'
import { withdrawalEndpoint } from './withdrawals.ts'

export interface VerifierDeskOptions {
  readonly group: GroupClient
  readonly vault: Vault
  readonly offices: readonly VerifierOffice[]
  readonly trusted: Trusted
  readonly nowMs: () => number
}

export interface VerifierDesk extends Desk {
  /** Where wallets reach the offices; from the root of the host. */
  readonly openid: readonly OpenidEndpoint[]
}

const forgetEveryMs = 3_600_000
/** A hundred certificates of the largest kind. */
const filesLimit = 8 * 1024 * 1024

export function createVerifierDesk(options: VerifierDeskOptions): VerifierDesk {
  const { group, vault, offices, trusted, nowMs } = options
  const asking: Asking = { group, records: askedRecords(vault), trusted, nowMs }
  async function keepUp(): Promise<void> {
    await forget(asking)
    for (const office of offices) await office.sweep()
  }
  const timer = setInterval(() => void keepUp().catch(() => undefined), forgetEveryMs)
  timer.unref()
  return {
    name: 'verifier',
    refusals: verifierRefusals,
    endpoints: [
      ...registrationEndpoints(options),
      ...requestEndpoints(asking, offices),
      ...fileEndpoints(options),
      reportEndpoint(asking, offices),
    ],
    openid: offices.flatMap((office) => [
      ...verifierEndpoints(office.verifier),
      withdrawalEndpoint(asking, office, () => fetchAnswers(asking, office)),
    ]),
    async close() {
      clearInterval(timer)
    },
  }
}

/** Answers that nobody has looked at: those of questions that are still open. */
async function fetchAnswers(asking: Asking, office: VerifierOffice): Promise<void> {
  const asked = await asking.records.find('office', office.office, { newestFirst: true, limit: 200 })
  for (const { id, value } of asked) if (value.outcome === undefined) await look(asking, office, id)
}

const officers = ['verifier_officer', 'department_officer'] as const
const text = (maxLength = 200): JsonObject => ({ type: 'string', minLength: 1, maxLength })
const object = (properties: JsonObject, required = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const anyObject: JsonObject = { type: 'object' }

function registrationEndpoints({ group, offices, trusted }: VerifierDeskOptions): readonly DeskEndpoint[] {
  return [
    {
      method: 'GET',
      path: '/registration',
      id: 'getRegistration',
      summary: 'What the officer’s office is registered for, and how the types and their fields are called.',
      who: officers,
      answer: anyObject,
      refusals: ['office_not_a_verifier'],
      async handle(call) {
        const office = officeOf(offices, personOf(call))
        if (isRefusal(office)) return office
        const { registration, registrationHash } = office
        const listed = await registeredAs(group, registration.verifier)
        const typeIds = new Set(registration.purposes.flatMap(({ types }) => types.map(({ typeId }) => typeId)))
        const types = ((await trusted())?.types ?? []).filter(({ typeId }) => typeIds.has(typeId))
        return JSON.parse(
          JSON.stringify({
            registration,
            registrationHash,
            listed: listed ?? null,
            types: types.map(({ typeId, display }) => ({ typeId, display })),
          }),
        ) as Json
      },
    },
  ]
}

const wishRefusals = ['purpose_not_registered', 'type_beyond_registration', 'field_beyond_registration']

function requestEndpoints(asking: Asking, offices: readonly VerifierOffice[]): readonly DeskEndpoint[] {
  const { records, nowMs } = asking
  return [
    {
      method: 'POST',
      path: '/requests',
      id: 'openRequest',
      summary: 'Asks a holder: `other` gives a link for a QR code, `browser` what the browser hands to a wallet.',
      who: officers,
      body: object(
        {
          purposeId: text(),
          typeId: text(),
          fields: { type: 'array', items: text(), minItems: 1, maxItems: 64, uniqueItems: true },
          optional: { type: 'array', items: text(), maxItems: mostOptional, uniqueItems: true },
          device: { type: 'string', enum: ['other', 'browser'] },
        },
        ['purposeId', 'typeId', 'fields', 'device'],
      ),
      answer: anyObject,
      refusals: [
        'office_not_a_verifier',
        ...wishRefusals,
        'verifier_not_registered',
        'trust_bundle_missing',
        'request_query_refused',
        'too_busy',
      ],
      async handle(call) {
        const person = personOf(call)
        const office = officeOf(offices, person)
        if (isRefusal(office)) return office
        const wish = call.body as AskedFields & { readonly device: Device }
        return ask(asking, office, { ...wish, askedBy: person.accountId })
      },
    },
    {
      method: 'GET',
      path: '/requests',
      id: 'listRequests',
      summary: 'What the office asked and still keeps, newest first; without what was shown.',
      who: officers,
      query: { after: { schema: text(), about: 'The last request of the page before.' } },
      answer: object({ requests: { type: 'array', items: anyObject } }),
      refusals: ['office_not_a_verifier'],
      async handle(call) {
        const office = officeOf(offices, personOf(call))
        if (isRefusal(office)) return office
        const { after } = call.query
        const page = { newestFirst: true, limit: 50, ...(after !== undefined && { after }) }
        const found = await records.find('office', office.office, page)
        const kept = found.filter(({ value }) => nowMs() < value.keepUntilMs)
        return { requests: kept.map(({ id, value }) => withoutContent(askedView(id, value, nowMs()))) }
      },
    },
    {
      method: 'GET',
      path: '/requests/{requestId}',
      id: 'getRequest',
      summary: 'One request, with the answer as soon as it has come.',
      who: officers,
      answer: anyObject,
      refusals: ['office_not_a_verifier', 'asked_not_found'],
      async handle(call) {
        const office = officeOf(offices, personOf(call))
        if (isRefusal(office)) return office
        const { requestId = '' } = call.params
        const asked = await look(asking, office, requestId)
        return isRefusal(asked) ? asked : askedView(requestId, asked, nowMs())
      },
    },
    {
      method: 'DELETE',
      path: '/requests/{requestId}',
      id: 'eraseRequest',
      summary: 'Erases a request and what was shown, before its time is over.',
      who: officers,
      answer: object({ erased: { type: 'boolean' } }),
      refusals: ['office_not_a_verifier', 'asked_not_found'],
      async handle(call) {
        const office = officeOf(offices, personOf(call))
        if (isRefusal(office)) return office
        const { requestId = '' } = call.params
        const asked = await look(asking, office, requestId)
        return isRefusal(asked) ? asked : { erased: await records.erase(requestId) }
      },
    },
  ]
}

function withoutContent({ shown, reports: _reports, ...view }: JsonObject): JsonObject {
  const verdict = (shown as { readonly report?: { readonly verdict?: string } } | undefined)?.report?.verdict
  return { ...view, ...(verdict !== undefined && { verdict }) }
}

const filesBody = object({
  files: {
    type: 'array',
    items: object({ name: text(), text: { type: 'string', maxLength: 512 * 1024 } }),
    minItems: 1,
    maxItems: 100,
  },
})

function fileEndpoints({ group, offices, trusted, nowMs }: VerifierDeskOptions): readonly DeskEndpoint[] {
  async function check(body: unknown) {
    const bundle = await trusted({ newest: true })
    if (!bundle) return refuse('trust_bundle_missing')
    return checkFiles((body as { readonly files: readonly NamedFile[] }).files, bundle, nowMs())
  }
  return [
    {
      method: 'POST',
      path: '/files',
      id: 'checkFiles',
      summary: 'Checks up to a hundred certificate files; nothing of them is kept.',
      who: 'anyone',
      body: filesBody,
      bodyLimit: filesLimit,
      answer: object({ results: { type: 'array', items: anyObject } }),
      refusals: ['trust_bundle_missing'],
      async handle(call) {
        const checked = await check(call.body)
        if (isRefusal(checked)) return checked
        const results = checked.map(({ name, report }) => ({ name, report }))
        return JSON.parse(JSON.stringify({ results })) as Json
      },
    },
    {
      method: 'POST',
      path: '/files/report',
      id: 'reportFiles',
      summary: 'The same as one report for a case file, signed by the office.',
      who: officers,
      body: filesBody,
      bodyLimit: filesLimit,
      answer: anyObject,
      refusals: ['office_not_a_verifier', 'trust_bundle_missing'],
      async handle(call) {
        const office = officeOf(offices, personOf(call))
        if (isRefusal(office)) return office
        const checked = await check(call.body)
        if (isRefusal(checked)) return checked
        const items = checked.map((file) => fileItem(file.text, file.report))
        const { domain } = office.registration
        return reportFile(await signReport({ group: group.groupId, domain, madeAtMs: nowMs(), items }, office.signer))
      },
    },
  ]
}

function reportEndpoint(asking: Asking, offices: readonly VerifierOffice[]): DeskEndpoint {
  return {
    method: 'GET',
    path: '/requests/{requestId}/report',
    id: 'getReport',
    summary: 'The answer to a request as a signed report for a case file.',
    who: officers,
    answer: anyObject,
    refusals: ['office_not_a_verifier', 'asked_not_found', 'asked_not_answered'],
    async handle(call) {
      const office = officeOf(offices, personOf(call))
      if (isRefusal(office)) return office
      const asked = await look(asking, office, call.params['requestId'] ?? '')
      if (isRefusal(asked)) return asked
      const items = itemsOf(asked)
      if (items.length === 0) return refuse('asked_not_answered')
      const { domain } = office.registration
      const { purposeId } = asked
      const order = { group: asking.group.groupId, domain, madeAtMs: asking.nowMs(), purposeId, items }
      return reportFile(await signReport(order, office.signer))
    },
  }
}

function itemsOf({ outcome }: Asked) {
  if (outcome?.status === 'accepted') return [itemOf(outcome.shown.hash, outcome.shown.report)]
  // Of what was refused the hash is not kept: nothing of it may be relied on.
  return (outcome?.reports ?? []).map((report) => itemOf('', report))
}

function reportFile(jws: string): DeskFile {
  return new DeskFile(`application/${reportType}`, jws, {
    'content-disposition': 'attachment; filename="chengxin-report.jws"',
  })
}
