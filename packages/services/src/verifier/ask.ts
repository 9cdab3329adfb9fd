/** Asks a holder, waits for the answer, and forgets it when the purpose's time is over. */
import type { GroupClient } from '@chengxin/client'
import { purposeFor, registrationInfo } from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { startBrowserPresentation, startPresentation } from '../openid/vp/request.ts'
import { collectResult } from '../openid/vp/response.ts'
import type { Presented } from '../openid/vp/verifier.ts'
import { changeRecord } from '../vault/face.ts'
import { type Asked, type AskedRecords, askedView, type Device, type Outcome, type Shown } from './asked.ts'
import { refuseUnregistered, type VerifierOffice } from './office.ts'
import { type AskedFields, queryFor } from './query-for.ts'
import type { Trusted } from './trusted.ts'
import { withdrawalUriOf } from './withdrawals.ts'

export interface Asking {
  readonly group: GroupClient
  readonly records: AskedRecords
  readonly trusted: Trusted
  readonly nowMs: () => number
}

const dayMs = 86_400_000
const answerForMs = 5 * 60_000

/**
 * Opens a request. Refusals, in the order they are checked: those of `purposeFor`, those of `refuseUnregistered`,
 * `request_query_refused`, `too_busy`.
 */
export async function ask(
  { group, records, trusted, nowMs }: Asking,
  office: VerifierOffice,
  wish: AskedFields & { readonly device: Device; readonly askedBy: string },
): Promise<JsonObject | Refusal> {
  const purpose = purposeFor(office.registration, wish)
  if (isRefusal(purpose)) return purpose
  const refused = await refuseUnregistered(group, office, trusted, nowMs())
  if (refused) return refused
  const opened = await open(group, office, wish)
  if (isRefusal(opened)) return opened
  const { purposeId, typeId, fields, optional, device, askedBy } = wish
  const atMs = nowMs()
  const asked: Asked = {
    office: office.office,
    askedBy,
    askedAtMs: atMs,
    untilMs: atMs + answerForMs,
    keepUntilMs: atMs + purpose.keepDays * dayMs,
    purposeId,
    typeId,
    fields,
    ...(optional !== undefined && { optional }),
    device,
    ticket: opened.ticket,
    ...(opened.link !== undefined && { link: opened.link }),
  }
  const requestId = randomId('request')
  await records.insert(requestId, asked as Asked & Json, { office: office.office })
  const view = askedView(requestId, asked, atMs)
  // Only the page that asks through the browser needs the ticket, and only now.
  return opened.digital ? { ...view, digital: opened.digital, ticket: opened.ticket } : view
}

interface Opened {
  readonly ticket: string
  readonly link?: string
  readonly digital?: JsonObject
}

async function open(
  group: GroupClient,
  { verifier, registration, registrationHash }: VerifierOffice,
  wish: AskedFields & { readonly device: Device },
): Promise<Opened | Refusal> {
  const query = queryFor(group.groupId, wish)
  const { purposeId } = wish
  const claim = {
    ...{ group: group.groupId, verifier: registration.verifier, registrationHash, purposeId },
    withdrawalUri: withdrawalUriOf(verifier),
  }
  const verifierInfo = [registrationInfo(claim)]
  if (wish.device === 'other') {
    const opened = await startPresentation(verifier, { query, verifierInfo })
    return isRefusal(opened) ? refusedAs(opened) : { ticket: opened.ticket, link: opened.link }
  }
  const [origin = ''] = verifier.origins
  const opened = await startBrowserPresentation(verifier, { query, origin, verifierInfo })
  if (isRefusal(opened)) return refusedAs(opened)
  return { ticket: opened.ticket, digital: opened.digital as unknown as JsonObject }
}

function refusedAs({ refused }: Refusal): Refusal {
  return refuse(refused === 'too_busy' ? 'too_busy' : 'request_query_refused')
}

/** The request as it stands now, its answer fetched if it has come. Refuses with `asked_not_found`. */
export async function look(
  { records, nowMs }: Asking,
  office: VerifierOffice,
  requestId: string,
): Promise<Asked | Refusal> {
  const asked: Asked | undefined = (await records.get(requestId))?.value
  if (asked?.office !== office.office || asked.keepUntilMs <= nowMs()) return refuse('asked_not_found')
  if (asked.outcome) return asked
  const result = await collectResult(office.verifier, asked.ticket)
  if (isRefusal(result)) return asked
  const atMs = nowMs()
  const [presented] = result.status === 'accepted' ? result.presented : []
  const outcome: Outcome = presented
    ? { status: 'accepted', atMs, shown: shownOf(presented) }
    : { status: 'refused', atMs, code: codeOf(result), reports: reportsOf(result) }
  // As JSON, because a report may name members that are absent.
  const kept = JSON.parse(JSON.stringify({ ...asked, outcome })) as unknown as Asked & Json
  const shown = outcome.status === 'accepted' ? { shown: outcome.shown.shownHash } : {}
  const marks = { office: office.office, ...shown }
  await changeRecord(records, requestId, () => ({ value: kept, marks, result: true }))
  return kept
}

type Result = Exclude<Awaited<ReturnType<typeof collectResult>>, Refusal>

function codeOf(result: Result): string {
  return result.status === 'refused' ? result.code : 'dcql_not_satisfied'
}

function reportsOf(result: Result) {
  return result.status === 'refused' ? result.reports : []
}

/** Nothing that was shown beyond the question, in the report neither. */
function shownOf({ hash, shownHash, holder, report, claims }: Presented): Shown {
  const shown = claims
    .filter(({ path }) => path[0] !== 'anchor')
    .map(({ path, values }): [string, Json] => [
      String(path[0]),
      values.length === 1 ? (values[0] as Json) : [...values],
    ])
  const asked = Object.fromEntries(shown)
  const { certificate } = report
  return {
    ...{ hash, shownHash, holder },
    claims: asked,
    report: { ...report, ...(certificate && { certificate: { ...certificate, claims: asked } }) },
  }
}

/** Erases what has been kept as long as its purpose allows, and questions that nobody answered within a day. */
export async function forget({ records, nowMs }: Pick<Asking, 'records' | 'nowMs'>): Promise<number> {
  let erased = 0
  let after: string | undefined
  for (;;) {
    const page = await records.list({ limit: 200, ...(after !== undefined && { after }) })
    for (const { id, value } of page) {
      const isOver = value.keepUntilMs <= nowMs() || (!value.outcome && value.untilMs + dayMs <= nowMs())
      if (isOver && (await records.erase(id))) erased++
    }
    const last = page.at(-1)
    if (last === undefined || page.length < 200) return erased
    after = last.id
  }
}
