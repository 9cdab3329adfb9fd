/** Sending transactions, and what became of them. */
import type { TransactionId } from '@chengxin/kernel'
import type { Ledger, Outcome } from '@chengxin/ledger/face'
import { type Answer, bytesAnswer, jsonAnswer, mediaTypes, textAnswer } from '../answer.ts'
import { type Call, type Endpoint, groupOf, groupPath, type Refused, refusedWith } from '../endpoint.ts'
import type { ApiLimits } from '../options.ts'
import { problemAnswer } from '../problem.ts'
import type { RefusalCatalogue } from '../refusals.ts'
import {
  hash,
  limitQuery,
  list,
  object,
  outcome as outcomeSchema,
  pageOf,
  text,
  transactionDetail,
  transactionSummary,
} from '../schemas.ts'
import { listTransactions } from '../transaction-list.ts'

/** Members on healthy networks have cosigned long before. */
const receiptWaitMs = 2_000

/** Of one request. More are sent in several, so that one client's batch never fills the queue alone. */
export const requestTransactions = 256

export function transactionEndpoints(catalogue: RefusalCatalogue, limits: ApiLimits): readonly Endpoint[] {
  const inFlight = { transactions: 0, bytes: 0 }

  /** Outcomes in the order of the transactions, or undefined while too much is being submitted already. */
  const submit = async (ledger: Ledger, transactions: readonly string[]): Promise<readonly Outcome[] | undefined> => {
    const bytes = transactions.reduce((sum, { length }) => sum + length, 0)
    const isFull =
      inFlight.transactions + transactions.length > limits.submittingTransactions ||
      inFlight.bytes + bytes > limits.submittingBytes
    // Somebody alone is always let in, whatever the limits say of the size of a request.
    if (isFull && inFlight.transactions > 0) return undefined
    inFlight.transactions += transactions.length
    inFlight.bytes += bytes
    try {
      return await ledger.submit(transactions)
    } finally {
      inFlight.transactions -= transactions.length
      inFlight.bytes -= bytes
    }
  }

  const post = async (call: Call) => {
    const { ledger } = groupOf(call)
    const transactions = transactionsOf(call.body as string | { readonly transactions: readonly string[] })
    const submitted = await submit(ledger, transactions)
    if (submitted === undefined) return refusedWith('too_many_submissions')
    const outcomes = submitted.map((one) => shownOutcome(ledger, one, catalogue))
    const [only] = submitted
    if (submitted.length === 1 && only?.status === 'rejected') {
      const { code, at, retryAfterMs } = only
      return problemAnswer(catalogue, code, { at, retryAfterMs, members: { outcomes } })
    }
    // Outcomes are JSON already, and many: the plain way to write them is three times as fast as the canonical one.
    return { status: 200, mediaType: mediaTypes.json, caching: 'never', body: JSON.stringify({ outcomes }) } as const
  }

  return [
    {
      method: 'POST',
      path: `${groupPath}/transactions`,
      id: 'submitTransactions',
      tag: 'transactions',
      summary: 'Send one or many signed transactions; each gets one outcome, in order.',
      about:
        'The answer comes when every transaction has an outcome: acknowledged means flushed to disk. Sending the same bytes again is harmless and gives the first outcome. One transaction alone that is rejected is answered with a problem document that carries the outcome too; of many, the status is 200 and each outcome has its code.',
      access: 'open',
      body: {
        limit: limits.submissionBytes,
        content: {
          'application/json': {
            type: 'object',
            properties: {
              transactions: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: requestTransactions },
            },
            required: ['transactions'],
            additionalProperties: false,
          },
          'application/jose': { type: 'string', description: 'One compact JWS.' },
        },
      },
      answers: {
        200: {
          about: 'Outcomes, in order.',
          content: { 'application/json': object({ outcomes: list(outcomeSchema) }) },
        },
      },
      refusals: ['too_many_submissions'],
      answer: post,
    },
    {
      method: 'GET',
      path: `${groupPath}/transactions`,
      id: 'listTransactions',
      tag: 'transactions',
      summary: 'Transactions in the log, newest first.',
      access: 'policy',
      query: {
        limit: limitQuery,
        before: { schema: { type: 'string', pattern: '^[0-9]{1,16}$' }, about: 'Only with a smaller leaf index.' },
        did: { schema: { type: 'string', maxLength: 100 }, about: 'Only those this DID signed or is part of.' },
        type: { schema: { type: 'string', maxLength: 100 }, about: 'Only those with an action of this type.' },
      },
      answers: {
        200: { about: 'A page.', content: { 'application/json': pageOf('transactions', transactionSummary) } },
      },
      refusals: ['read_model_unavailable'],
      answer: async (call) => jsonAnswer(await listTransactions(groupOf(call).projection.sql, call.query)),
    },
    {
      method: 'GET',
      path: `${groupPath}/transactions/{id}`,
      id: 'showTransaction',
      tag: 'transactions',
      summary: 'What became of one transaction.',
      access: 'policy',
      params: { id: hash },
      answers: {
        200: {
          about: 'Its outcome, who signed it and what it did.',
          content: { 'application/json': transactionDetail },
        },
      },
      refusals: ['not_found'],
      answer: async (call) => showTransaction(groupOf(call).ledger, call.params['id'] as TransactionId, catalogue),
    },
    {
      method: 'GET',
      path: `${groupPath}/receipts/{id}`,
      id: 'showReceipt',
      tag: 'transactions',
      summary: 'A receipt: proof that the transaction is in the log, checked without this node.',
      about:
        'A C2SP tlog-proof, or with `format=cose` (or `Accept: application/cose`) a COSE receipt of RFC 9942. Both carry ' +
        'the leaf and a checkpoint that a quorum of members has cosigned; without the quorum none is given.',
      access: 'policy',
      crossOrigin: true,
      params: { id: hash },
      query: {
        format: { schema: { type: 'string', enum: ['tlog-proof', 'cose'] }, about: 'The envelope.' },
        waitMs: {
          schema: { type: 'integer', minimum: 0, maximum: 20_000 },
          about: 'How long to wait for a quorum of members to cosign; two seconds if absent.',
        },
      },
      answers: {
        200: {
          about: 'The proof, with the leaf and a cosigned checkpoint; as COSE, with a signature over the root as well.',
          content: { 'text/plain': text, [mediaTypes.cose]: { type: 'string', format: 'binary' } },
        },
      },
      refusals: ['not_found', 'receipt_quorum_pending'],
      answer: answerReceipt,
    },
  ]
}

async function answerReceipt(call: Call): Promise<Answer | Refused> {
  const { ledger, witnessing } = groupOf(call)
  const id = call.params['id'] as TransactionId
  // Who collects no cosignatures has no quorum to give a receipt against.
  if (witnessing === undefined) {
    return refusedWith(ledger.outcome(id) === undefined ? 'not_found' : 'receipt_quorum_pending')
  }
  const format = call.query['format'] ?? (call.headers['accept']?.includes(mediaTypes.cose) ? 'cose' : 'tlog-proof')
  const waitMs = Number(call.query['waitMs'] ?? receiptWaitMs)
  const vary = { headers: { vary: 'accept' } }
  const receipt = format === 'cose' ? await witnessing.coseReceipt(id, waitMs) : await witnessing.receipt(id, waitMs)
  if (receipt === undefined) return refusedWith('not_found')
  if (typeof receipt === 'string') return textAnswer(receipt, vary)
  if (receipt instanceof Uint8Array)
    return bytesAnswer(receipt, { mediaType: mediaTypes.cose, caching: 'ask', ...vary })
  return refusedWith('receipt_quorum_pending', { retryAfterMs: 1000, members: { ...receipt } })
}

/** Of a body that has passed its schema. */
function transactionsOf(body: string | { readonly transactions: readonly string[] }): readonly string[] {
  return typeof body === 'string' ? [body] : body.transactions
}

/** An outcome as it is shown: a rejected one has its sentence, one in the log says where its receipt is. */
function shownOutcome(ledger: Ledger, outcome: Outcome, catalogue: RefusalCatalogue) {
  const code = 'code' in outcome ? outcome.code : undefined
  const sentence = code === undefined ? undefined : catalogue.sentenceOf(code)
  const inLog = outcome.status === 'committed' || outcome.status === 'refused'
  return { ...outcome, sentence, receipt: inLog ? receiptPath(ledger, outcome.id) : undefined }
}

function receiptPath({ groupId }: Ledger, id: string): string {
  return `/v1/groups/${groupId}/receipts/${id}`
}

function showTransaction(ledger: Ledger, id: TransactionId, catalogue: RefusalCatalogue) {
  const outcome = ledger.outcome(id)
  if (outcome === undefined || outcome.status === 'rejected') return refusedWith('not_found')
  if (outcome.status === 'pending') return jsonAnswer(outcome)
  const { status, height, position, leafIndex, timeMs, events } = outcome
  const logged = ledger.block(height)?.transactions[position]
  const code = outcome.status === 'refused' ? outcome.code : 'ok'
  return jsonAnswer(
    {
      status,
      id,
      code,
      sentence: code === 'ok' ? undefined : catalogue.sentenceOf(code),
      height,
      position,
      leafIndex,
      timeMs,
      signer: logged?.signer,
      principals: logged?.principals,
      types: logged?.types,
      events,
      receipt: receiptPath(ledger, id),
    },
    { caching: 'ask' },
  )
}
