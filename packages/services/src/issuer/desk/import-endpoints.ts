/** Registers at the desk: a file in, tried out, and turned into entitlements. */
import { isRefusal, refuse } from '@chengxin/kernel'
import { type DeskEndpoint, personOf } from '../../desk/endpoint.ts'
import type { Wish } from './imports.ts'
import { type OfficeOf, officerEndpoint } from './officer-endpoint.ts'
import type { Encoding, Sheet } from './read-register.ts'
import { after, encoding, importWish, text } from './shapes.ts'

/** A hundred thousand rows. */
const fileLimit = 32 * 1024 * 1024
/** Faults that an answer names; a file with more has one cause. */
const faultsShown = 500

export function importEndpoints(officeOf: OfficeOf): readonly DeskEndpoint[] {
  return [
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/imports',
      id: 'takeRegister',
      summary: 'Takes a register as CSV for a day; nothing is made of it yet.',
      bodyMediaType: 'text/csv',
      bodyLimit: fileLimit,
      query: {
        typeId: { schema: text(), about: 'What its rows will be certified by.' },
        encoding: { schema: encoding, about: 'What the file is written in, where it is not UTF-8.' },
      },
      refusals: ['type_not_issued', 'import_unreadable'],
      async handle({ imports, types }, { query, body }) {
        const { typeId = '', encoding: named } = query
        if ((await types.get(typeId)) === undefined) return refuse('type_not_issued')
        const taken = await imports.take(typeId, body as Uint8Array, named as Encoding | undefined)
        return isRefusal(taken) ? taken : { importId: taken.importId, typeId, ...preview(taken.sheet) }
      },
    }),
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/imports/{importId}',
      id: 'getRegister',
      summary: 'The columns of a register and its first rows.',
      refusals: ['import_not_found'],
      async handle({ imports }, { params }) {
        const { importId = '' } = params
        const found = await imports.sheet(importId)
        return found ? { importId, typeId: found.typeId, ...preview(found.sheet) } : refuse('import_not_found')
      },
    }),
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/imports/{importId}/trial',
      id: 'tryRegister',
      summary: 'Says what would be made under a mapping, and every fault by row and column; nothing is made.',
      body: importWish,
      bodyLimit: 256 * 1024,
      refusals: ['import_not_found'],
      async handle({ imports }, { params, body }) {
        const checked = await imports.check(params['importId'] ?? '', body as Wish)
        if (isRefusal(checked)) return checked
        const { faults, ...counts } = checked
        return { ...counts, faultCount: faults.length, faults: faults.slice(0, faultsShown) }
      },
    }),
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/imports/{importId}/entitlements',
      id: 'makeEntitlements',
      summary: 'Makes an entitlement of each row that is not left out; refused while one of them has a fault.',
      body: importWish,
      bodyLimit: 256 * 1024,
      refusals: ['import_not_found', 'import_has_faults', 'import_has_no_rows'],
      async handle({ imports }, call) {
        const startedBy = personOf(call).accountId
        const jobId = await imports.start(call.params['importId'] ?? '', { ...(call.body as Wish), startedBy })
        return isRefusal(jobId) ? jobId : { jobId }
      },
    }),
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/jobs',
      id: 'listJobs',
      summary: 'What was made of registers lately, newest first.',
      async handle({ imports }) {
        const jobs = await imports.jobs()
        return {
          jobs: jobs.map(({ jobId, job: { mapping: _, leftOut, ...job } }) => ({
            jobId,
            ...job,
            leftOut: leftOut.length,
          })),
        }
      },
    }),
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/jobs/{jobId}',
      id: 'getJob',
      summary: 'How far the making of entitlements is.',
      refusals: ['job_not_found'],
      async handle({ imports }, { params }) {
        const { jobId = '' } = params
        const job = await imports.job(jobId)
        if (job === undefined) return refuse('job_not_found')
        const { done, of, state, typeId } = job
        return { jobId, done, of, state, typeId }
      },
    }),
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/entitlements',
      id: 'listEntitlements',
      summary: 'Entitlements of a type, oldest first.',
      query: { typeId: { schema: text(), about: 'The type.' }, ...after },
      async handle({ entitlements }, { query }) {
        const found = await entitlements.list(query['typeId'] ?? '', query['after'])
        return { entitlements: found.map(({ entitlementId, entitlement }) => ({ entitlementId, ...entitlement })) }
      },
    }),
    officerEndpoint(officeOf, {
      method: 'DELETE',
      path: '/entitlements/{entitlementId}',
      id: 'withdrawEntitlement',
      summary: 'Takes an entitlement back that nobody has claimed.',
      refusals: ['entitlement_not_open'],
      handle: async ({ entitlements }, { params }) =>
        (await entitlements.withdraw(params['entitlementId'] ?? ''))
          ? { withdrawn: true }
          : refuse('entitlement_not_open'),
    }),
  ]
}

function preview({ columns, rows }: Sheet) {
  return {
    columns,
    rowCount: rows.length,
    firstRows: rows.slice(0, 5).map(({ line, fields }) => ({ line, cells: fields })),
  }
}
