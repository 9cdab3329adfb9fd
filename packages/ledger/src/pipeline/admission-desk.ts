/** Admission of whole batches, over a reader of committed state and a small memory of the keys that were seen. */
import { createVerifier } from '@chengxin/crypto/node'
import { type Did, isRefusal, type Refusal, type TimeMs, type TransactionId, toBase64url } from '@chengxin/kernel'
import type { SigningKey } from '@chengxin/module-kit'
import { type AdmissionView, admitSigned, isKnown, refuseNonceOrActions } from '../admission/admit.ts'
import { decodeActions } from '../admission/admitted.ts'
import { groupIdOf } from '../execution/genesis.ts'
import { RowView } from '../execution/rows.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import { rulesFromShelf } from '../execution/ruleset-shelf.ts'
import type { StoreReader } from '../storage/face.ts'
import { openStoreReader } from '../storage/store-reader.ts'
import type { AdmissionSetup, AdmittedBatch, Rejection, ToAdmission } from './messages.ts'

/** Keys remembered by this thread. */
const keysKept = 50_000

type Mutable<T> = { -readonly [N in keyof T]: T[N] extends readonly (infer E)[] ? E[] : T[N] }

export class AdmissionDesk {
  readonly #reader: StoreReader
  readonly #rulesOf: (hash: string) => RulesIndex
  readonly #rows: RowView
  readonly #group: string
  readonly #verifier = createVerifier()
  #rules: RulesIndex
  /** Active keys by DID and key id. Only ever a shortcut: execution asks again, and it is not told of unknown keys. */
  #keys = new Map<string, SigningKey>()

  constructor({ directory, genesis, rulesetHash, commits }: AdmissionSetup) {
    this.#reader = openStoreReader(directory, commits)
    this.#rulesOf = rulesFromShelf(directory)
    this.#rows = new RowView(this.#reader, 1_000)
    this.#group = groupIdOf(genesis)
    this.#rules = this.#rulesOf(rulesetHash)
    this.#rows.useRules(this.#rules)
  }

  useRules(rulesetHash: string): void {
    this.#rules = this.#rulesOf(rulesetHash)
    this.#rows.useRules(this.#rules)
  }

  judge({ batch, tickets, transactions }: ToAdmission): { admitted: AdmittedBatch; rejected: readonly Rejection[] } {
    const view = this.#viewAt(Date.now())
    const admitted = emptyBatch(batch)
    const rejected: Rejection[] = []
    for (const [index, ticket] of tickets.entries()) {
      const verdict = this.#judgeOne(transactions[index] as string, view)
      if (isRefusal(verdict)) {
        const { refused: code, id, at } = verdict as { refused: string; id?: string; at?: string }
        const answer = { code, ...(id !== undefined && { id }), ...(at !== undefined && { at }) }
        rejected.push({ tickets: [ticket], answer })
        continue
      }
      admitted.tickets.push(ticket)
      admitted.transactions.push(verdict.jws)
      admitted.payloads.push(verdict.payloadText)
      admitted.ids.push(verdict.id)
      admitted.signers.push(verdict.signer)
      admitted.keyIds.push(verdict.keyId)
      admitted.keyNames.push(verdict.keyName)
    }
    return { admitted, rejected }
  }

  #judgeOne(jws: string, view: AdmissionView) {
    const signed = admitSigned(jws, view)
    if (isRefusal(signed) || !isRefusal(decodeActions(this.#rules, signed.payload, signed.signer))) return signed
    // The nonce comes before the actions. Execution looks it up anyway, so it is looked up here only for this answer.
    const refused = refuseNonceOrActions(signed, view)
    return refused === undefined || isKnown(refused) ? signed : refused
  }

  #viewAt(nowMs: number): AdmissionView {
    return {
      group: this.#group,
      nowMs,
      rules: this.#rules,
      verify: this.#verifier.verify,
      activeKey: (signer, keyId, atMs) => this.#keyOf(signer, keyId, atMs),
      usedBy: (nonceKey) => {
        const used = this.#reader.usedNonce(nonceKey)
        return used !== undefined && used.untilMs > nowMs
          ? (toBase64url(used.transactionId) as TransactionId)
          : undefined
      },
    }
  }

  #keyOf(signer: Did, keyId: string, nowMs: TimeMs): SigningKey | Refusal {
    const name = `${signer}#${keyId}`
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    // What this thread has cached of rows may be older than the newest block.
    this.#rows.discard()
    const { identity } = this.#rules.ruleset
    const key = identity.make(this.#rows.of(identity.domain).read).activeKey(signer, keyId, nowMs)
    if (isRefusal(key)) return key
    if (this.#keys.size >= keysKept) this.#keys = new Map()
    this.#keys.set(name, key)
    return key
  }
}

function emptyBatch(batch: number): Mutable<AdmittedBatch> {
  return { batch, tickets: [], transactions: [], payloads: [], ids: [], signers: [], keyIds: [], keyNames: [] }
}
