/** News that a resident must not miss: a certificate was suspended, revoked or replaced, or is good again. */
import { type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { changeRecord } from '../vault/face.ts'
import type { Agent } from './agent.ts'
import { asJson, type Notice } from './records.ts'

/** Newest first; those that were read stay for a while, because people look twice. */
export async function listNotices(agent: Agent, account: string): Promise<readonly Json[]> {
  const found = await agent.kept.notices.find('account', account, { limit: 20, newestFirst: true })
  const shown = found.map(async ({ id, value }): Promise<JsonObject> => {
    const { account: _, ...notice } = value
    const type = await agent.ledger.typeOf(value.vct)
    return { noticeId: id, ...notice, ...(type && { display: type.display }) }
  })
  return Promise.all(shown)
}

/** Refuses with `notice_not_found`. */
export async function readNotice(agent: Agent, account: string, noticeId: string): Promise<Refusal | undefined> {
  const isTheirs = await changeRecord(agent.kept.notices, noticeId, (notice) => {
    if (notice.account !== account) return { result: false }
    const read: Notice = { readAtMs: agent.nowMs(), ...notice }
    return { value: asJson(read), result: true }
  })
  return isTheirs === true ? undefined : refuse('notice_not_found')
}
