/** How a wallet in this browser reaches issuers and verifiers, and what it reads off the ledger. Fetched when it is first used. */
import { createNodeClient } from '@chengxin/client'
import {
  type AskerCheck,
  type LedgerView,
  ledgerView,
  type OpenidAnswer,
  type OpenidRequest,
  type OwnWallet,
  ownWallet,
} from '@chengxin/holder'
import { own } from '../api/own.ts'

const views = new Map<string, LedgerView>()

export function ledgerOf(groupId: string): LedgerView {
  const known = views.get(groupId)
  if (known !== undefined) return known
  const view = ledgerView(createNodeClient({ url: location.origin }).group(groupId), Date.now)
  views.set(groupId, view)
  return view
}

export async function walletOf(groupId: string): Promise<OwnWallet> {
  return ownWallet({ send, anchors: await ledgerOf(groupId).authorities(), nowMs: Date.now })
}

export function askerCheckOf(groupId: string): AskerCheck {
  return { ledger: ledgerOf(groupId), groupId, nowMs: Date.now }
}

/** What this node serves is asked directly; others answer no scripts of ours, so that the node passes the exchange on. */
async function send(request: OpenidRequest): Promise<OpenidAnswer> {
  const { method, url, headers, body } = request
  if (new URL(url).origin !== location.origin) return own.relay(request)
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const response = await fetch(url, {
    method,
    headers: given,
    // Who is signed in here is nothing that an issuer needs to know.
    credentials: 'omit',
    ...(method === 'GET' ? {} : { body }),
  })
  return {
    status: response.status,
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
    body: await response.text(),
  }
}
