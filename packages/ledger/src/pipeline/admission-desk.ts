/** Admission of whole batches, over a reader of committed state and a small memory of the keys that were seen. */
import { createVerifier } from '@chengxin/crypto/node'
import { type Did, isRefusal, type Refusal, type TimeMs, type TransactionId, toBase64url } from '@chengxin/kernel'
import type { SigningKey } from '@chengxin/module-kit'
import { type AdmissionView, admitSigned, type Rejected, refuseActions, refuseNonce } from '../admission/admit.ts'
import type { Admitted } from '../admission/admitted.ts'
import { groupIdOf } from '../execution/genesis.ts'
import { RowView } from '../execution/rows.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import { rulesFromShelf } from '../execution/ruleset-shelf.ts'
import type { StoreReader } from '../storage/face.ts'
import { openStoreReader } from '../storage/store-reader.ts'
import { type AdmittedBatch, BatchWriter } from './admitted-batch.ts'
import type { AdmissionSetup, Rejection, ToAdmission } from './messages.ts'

/** Signers whose keys this thread remembers. */
const signersKept = 50_000

export class AdmissionDesk {
  readonly #reader: StoreReader
  readonly #rulesOf: (hash: string) => RulesIndex
  readonly #rows: RowView
  readonly #group: string
  readonly #verifier = createVerifier()
  readonly #writer = new BatchWriter()
  #rules: RulesIndex
  /** Active keys by DID and key id: only a shortcut, since execution asks again; what was refused is asked anew. */
  #keys = new Map<string, Map<string, SigningKey>>()

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
    const rejected: Rejection[] = []
    for (const [index, ticket] of tickets.entries()) {
      const verdict = this.#judgeOne(transactions[index] as string, view)
      if (isRefusal(verdict)) {
        const { refused: code, id, at } = verdict
        const answer = { code, ...(id !== undefined && { id }), ...(at !== undefined && { at }) }
        rejected.push({ tickets: [ticket], answer })
        continue
      }
      this.#writer.add(ticket, verdict)
    }
    return { admitted: this.#writer.take(batch), rejected }
  }

  #judgeOne(jws: string, view: AdmissionView): Admitted | Rejected {
    const signed = admitSigned(jws, view)
    if (isRefusal(signed)) return signed
    const refused = refuseActions(signed, view)
    if (refused === undefined) return signed.admitted
    // The nonce comes before the actions. Execution looks it up anyway, so it is looked up here only for this answer.
    const reused = refuseNonce(signed.admitted, view)
    if (reused === undefined) return refused
    return 'known' in reused ? signed.admitted : reused
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
    const known = this.#keys.get(signer)?.get(keyId)
    if (known !== undefined) return known
    // What this thread has cached of rows may be older than the newest block.
    this.#rows.discard()
    const { identity } = this.#rules.ruleset
    const key = identity.make(this.#rows.of(identity.domain).read).activeKey(signer, keyId, nowMs)
    if (isRefusal(key)) return key
    if (this.#keys.size >= signersKept) this.#keys = new Map()
    const ofSigner = this.#keys.get(signer) ?? new Map<string, SigningKey>()
    this.#keys.set(signer, ofSigner.set(keyId, key))
    return key
  }
}
