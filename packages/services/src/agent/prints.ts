/**
 * Certificates on paper. A printed form is a copy of its own: it has its own key, salts and place in the status list, shows
 * only the fields that were chosen, and carries a word of its key for whom it was printed and until when. Whoever reads it
 * sees that the holder was not checked; it is cancelled alone, and everything else stays as it is.
 */
import { printedType } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto/node'
import { fieldsOf, secondsOf, shownText, signToken } from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type Assertion } from '../desk/assertion.ts'
import { randomId } from '../desk/random-id.ts'
import { changeRecord } from '../vault/face.ts'
import { type Agent, logUse } from './agent.ts'
import { type OpenAct, openAct, takeAct } from './assertion.ts'
import type { Principal } from './authorisation.ts'
import { heldCertificate } from './holder-keys.ts'
import { tellIssuer } from './holder-voice.ts'
import { asJson, type Copy, type Holding, type Print } from './records.ts'

export interface PrintWish {
  readonly certificateId: string
  readonly fields: readonly string[]
  readonly recipient?: string | undefined
  readonly untilMs: number
}

interface PreparedPrint extends PrintWish {
  readonly copy: number
  readonly shown: string
  readonly vct: string
}

/**
 * Makes the statement for a printed form. Refusals, in the order they are checked: `certificate_not_held`,
 * `certificate_not_good`, `choice_not_an_answer` (fields or end), `no_copy_left`.
 */
export async function preparePrint(
  agent: Agent,
  principal: Principal,
  wish: PrintWish,
): Promise<(OpenAct & { readonly statement: string }) | Refusal> {
  const { certificateId, fields, recipient, untilMs } = wish
  const holding = (await agent.kept.holdings.get(certificateId))?.value
  if (holding?.account !== principal.account) return refuse('certificate_not_held')
  if (holding.standing?.verdict === 'not_valid') return refuse('certificate_not_good')
  const has = new Set(fieldsOf(holding.copies[0]?.text).map(({ name }) => name))
  const isWhole = fields.length > 0 && fields.every((name) => has.has(name)) && untilMs > agent.nowMs()
  if (!isWhole) return refuse('choice_not_an_answer')
  const copy = copyForPaper(holding)
  if (copy === undefined) return refuse('no_copy_left')

  const certificate = heldCertificate(holding.copies[copy] as Copy)
  const shown = shownText({ certificate, paths: [...fields, 'anchor'].map((name) => [name]) })
  const sdHash = toBase64url(sha256(toUtf8(shown)))
  const says = {
    sdHash,
    vct: holding.vct,
    fields: [...fields],
    printedUntilMs: untilMs,
    ...(recipient !== undefined && { recipient }),
  }
  const prepared: PreparedPrint = { ...wish, copy, shown, vct: holding.vct }
  const data = JSON.parse(JSON.stringify(prepared)) as Json
  return openAct(agent, principal, { purpose: 'print', says, data })
}

/** A copy that nobody has seen; one is always left for showing. */
function copyForPaper({ copies }: Holding): number | undefined {
  const free = copies.flatMap(({ printId }, index) => (printId === undefined ? [index] : []))
  const unseen = free.findLast((index) => copies[index]?.shownTo.length === 0)
  return free.length > 1 ? unseen : undefined
}

/** Prints what the resident has signed for. Refusals: those of `takeAct`, `certificate_not_held`, `no_copy_left`. */
export async function completePrint(
  agent: Agent,
  principal: Principal,
  actId: string,
  assertion: Assertion,
): Promise<{ readonly printId: string; readonly text: string } | Refusal> {
  const taken = await takeAct(agent, principal, actId, 'print', assertion)
  if (isRefusal(taken)) return taken
  const { certificateId, copy, shown, vct, fields, recipient, untilMs } = taken.act.data as unknown as PreparedPrint
  const printId = randomId('print')
  const used = await changeRecord(
    agent.kept.holdings,
    certificateId,
    (holding): { value?: Holding & JsonObject; result: Copy | undefined } => {
      const held = holding.copies[copy]
      if (!held || held.printId !== undefined) return { result: undefined }
      const copies = holding.copies.map((other, index) => (index === copy ? { ...other, printId } : other))
      return { value: asJson({ ...holding, copies }), result: held }
    },
  )
  if (!used) return refuse('no_copy_left')

  const nowMs = agent.nowMs()
  const payload = {
    iat: secondsOf(nowMs),
    exp: secondsOf(untilMs),
    sd_hash: toBase64url(sha256(toUtf8(shown))),
    ...(recipient !== undefined && { recipient }),
  }
  const { key } = heldCertificate(used)
  const text = shown + (await signToken(key, { typ: printedType }, payload))
  const print: Print = {
    account: principal.account,
    certificateId,
    vct,
    fields: [...fields],
    ...(recipient !== undefined && { recipient }),
    untilMs,
    printedAtMs: nowMs,
    text,
    evidence: taken.evidence,
  }
  await agent.kept.prints.insert(printId, asJson(print), { account: principal.account })
  await logUse(agent, {
    account: principal.account,
    kind: 'printed',
    certificateId,
    vct,
    fields,
    ...(recipient && { party: recipient }),
  })
  return { printId, text }
}

/**
 * Has the issuer revoke the copy on paper, and nothing else. Refusals: `print_not_found`, `issuer_not_reached`,
 * `print_not_cancellable`.
 */
export async function cancelPrint(agent: Agent, account: string, printId: string): Promise<Refusal | undefined> {
  const print = (await agent.kept.prints.get(printId))?.value
  if (print?.account !== account) return refuse('print_not_found')
  if (print.cancelledAtMs !== undefined) return undefined
  const holding = (await agent.kept.holdings.get(print.certificateId))?.value
  const copy = holding?.copies.find((held) => held.printId === printId)
  if (!holding || !copy) return refuse('print_not_found')
  const answer = await tellIssuer(agent, holding.issuerUrl, copy, 'cancel')
  if (isRefusal(answer)) {
    return answer.refused === 'issuer_not_reached'
      ? answer
      : { ...refuse('print_not_cancellable'), ...{ reason: answer.refused } }
  }
  await changeRecord(agent.kept.prints, printId, (value) => ({
    value: asJson({ ...value, cancelledAtMs: agent.nowMs() }),
    result: undefined,
  }))
  await logUse(agent, { account, kind: 'print_cancelled', certificateId: print.certificateId, vct: print.vct })
  return undefined
}
