/**
 * An officer's word on an act that weighs: the session says who is there, this says that they want exactly this. The desk
 * makes a statement that commits to the act (its kind, its subject, the hash of all that was sent, a name used once and a
 * time); the officer's passkey signs it, and the evidence is kept with the act.
 */
import type { RelyingParty } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import {
  canonicalize,
  isRefusal,
  type Json,
  type JsonObject,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import type { Collection, Vault } from '../vault/face.ts'
import {
  type Assertion,
  type AssertionKey,
  actForMs,
  assertionRefusals,
  assertionSchema,
  checkStatement,
  type Evidence,
} from './assertion.ts'
import { type DeskCall, type DeskEndpoint, type DeskRefusals, personOf } from './endpoint.ts'
import type { Person } from './person.ts'
import { randomId } from './random-id.ts'

/** In the order in which they are checked. */
export const officersWordRefusals = {
  officer_word_needed: ['forbidden', 'This act wants the officer’s key anew, over exactly this act.'],
  officer_word_not_open: ['forbidden', 'This statement is unknown, was used, or was made for another officer.'],
  officer_word_too_old: ['forbidden', 'The statement is older than five minutes; ask for a new one.'],
  officer_word_of_another_act: ['forbidden', 'The statement was made for another act than this.'],
  ...assertionRefusals,
} as const satisfies DeskRefusals

/** What an endpoint can be refused with besides its own. */
const wordCodes = Object.keys(officersWordRefusals)

/** A statement that waits for its officer. */
export type OpenWord = { readonly accountId: string; readonly statement: string; readonly untilMs: number }

/** What proves that an officer wanted an act, as it is kept with the act. */
export type KeptWord = {
  readonly statement: string
  readonly keyId: string
  readonly jwk: { readonly [member: string]: string }
  readonly signature: string
  readonly atMs: number
}

export function keptWord({ jwk, ...evidence }: Evidence): KeptWord {
  return { ...evidence, jwk: { ...jwk } }
}

export interface OfficersWordOptions {
  /** Of the desk: statements of one are nothing at another. */
  readonly desk: string
  readonly group: string
  readonly vault: Vault
  readonly relyingParty: RelyingParty
  /** Keys that sign for an account now. */
  readonly keysOf: (accountId: string) => Promise<readonly AssertionKey[]>
  readonly nowMs: () => number
}

/** What is said of an act in the open; everything else is committed to by its hash. */
export interface ActSaid {
  readonly act: string
  readonly kind?: string
  readonly subject: string
}

export interface OfficersWords {
  open(officer: Person, said: ActSaid, content: Json): Promise<JsonObject>
  /** Whoever erases the statement has used it, so that of two calls at once one acts. */
  take(officer: Person, said: ActSaid, content: Json, given: GivenWord): Promise<Evidence | Refusal>
}

export interface GivenWord extends Assertion {
  readonly wordId: string
}

export function createOfficersWords(options: OfficersWordOptions): OfficersWords {
  const { desk, group, vault, relyingParty, keysOf, nowMs } = options
  const words: Collection<OpenWord> = vault.collection(`${desk}-officers-words`)

  async function forgetOld(accountId: string): Promise<void> {
    for (const { id, value } of await words.find('account', accountId, { limit: 200 })) {
      if (value.untilMs <= nowMs()) await words.erase(id)
    }
  }
  const commits = ({ act, kind = '', subject }: ActSaid, content: Json) => ({
    ...{ act, kind, subject },
    content: toBase64url(sha256(toUtf8(canonicalize(content)))),
  })
  return {
    async open({ accountId, office = '' }, said, content) {
      await forgetOld(accountId)
      const wordId = randomId('word')
      const [fromMs, untilMs] = [nowMs(), nowMs() + actForMs]
      const about = { v: 1, purpose: 'officer', desk, group, office, officer: accountId, wordId, fromMs, untilMs }
      const statement = canonicalize({ ...about, ...commits(said, content) })
      await words.insert(wordId, { accountId, statement, untilMs }, { account: accountId })
      return { wordId, untilMs, statement }
    },
    async take({ accountId }, said, content, { wordId, keyId, signature }) {
      const open = (await words.get(wordId))?.value
      if (open === undefined || open.accountId !== accountId) return refuse('officer_word_not_open')
      if (open.untilMs <= nowMs()) return refuse('officer_word_too_old')
      const { act, kind, subject, content: hash } = JSON.parse(open.statement) as ReturnType<typeof commits>
      const isThis = canonicalize({ act, kind, subject, content: hash }) === canonicalize(commits(said, content))
      if (!isThis) return refuse('officer_word_of_another_act')
      const evidence = checkStatement({ relyingParty, nowMs }, await keysOf(accountId), open.statement, {
        keyId,
        signature,
      })
      if (isRefusal(evidence)) return evidence
      return (await words.erase(wordId)) ? evidence : refuse('officer_word_not_open')
    },
  }
}

/** An endpoint whose handler is given the officer's word. */
export interface WeightyEndpoint extends Omit<DeskEndpoint, 'handle' | 'body'> {
  readonly body: JsonObject & { readonly properties: JsonObject }
  readonly handle: (call: DeskCall, evidence: Evidence) => ReturnType<DeskEndpoint['handle']>
  /** What the statement says in the open. */
  readonly said: (call: DeskCall) => Omit<ActSaid, 'act'>
  /** The member of the body that carries the signed statement, where `word` is something else already. */
  readonly member?: string
  /** Handles what came without a word and weighs so little that it needs none; undefined where it needs one. */
  readonly light?: (call: DeskCall) => ReturnType<DeskEndpoint['handle']> | undefined
}

/**
 * Two addresses of one act: `<path>/word` makes the statement over what would be sent, and `<path>` wants it signed in a
 * member of the same body.
 */
export function withOfficersWord(
  words: OfficersWords,
  { said, light, member = 'word', ...act }: WeightyEndpoint,
): readonly DeskEndpoint[] {
  const saidOf = (call: DeskCall): ActSaid => ({ act: act.id, ...said(call) })
  return [
    {
      ...act,
      path: `${act.path}/word`,
      id: `${act.id}Word`,
      summary: `What the officer’s key is to sign for this: ${act.summary}`,
      answer: wordAnswer,
      refusals: [],
      handle: (call) => words.open(personOf(call), saidOf(call), contentOf(call, call.body as JsonObject)),
    },
    {
      ...act,
      body: { ...act.body, properties: { ...act.body.properties, [member]: wordSchema } },
      refusals: [...wordCodes, ...act.refusals],
      async handle(call) {
        const { [member]: given, ...body } = call.body as JsonObject
        const word = given as (GivenWord & JsonObject) | undefined
        if (word === undefined) return light?.(call) ?? refuse('officer_word_needed')
        const evidence = await words.take(personOf(call), saidOf(call), contentOf(call, body), word)
        return isRefusal(evidence) ? evidence : act.handle({ ...call, body }, evidence)
      },
    },
  ]
}

function contentOf({ params }: DeskCall, body: JsonObject): Json {
  return { params: { ...params }, body }
}

const wordSchema: JsonObject = {
  type: 'object',
  properties: { wordId: { type: 'string', maxLength: 64 }, ...(assertionSchema['properties'] as JsonObject) },
  required: ['wordId', 'keyId', 'signature'],
  additionalProperties: false,
}

const wordAnswer: JsonObject = {
  type: 'object',
  properties: { wordId: { type: 'string' }, untilMs: { type: 'integer' }, statement: { type: 'string' } },
  required: ['wordId', 'untilMs', 'statement'],
}
