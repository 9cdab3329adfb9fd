/** One definition of an address makes both the server's route and its part of /openapi.json, so that they cannot disagree. */
import type { Did, Refusal } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import type { JsonSchema } from '@chengxin/module-kit'
import type { Projection } from '@chengxin/projection/face'
import type { FastifyReply } from 'fastify'
import type { Answer } from './answer.ts'
import type { GroupWitnessing } from './options.ts'
import type { ProblemFacts } from './problem.ts'

export type Tag = 'groups' | 'transactions' | 'log' | 'identities' | 'documents' | 'node' | (string & {})

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** OpenAPI spelling. A last parameter in `rest` takes the rest of the path, slashes included. */
  readonly path: string
  readonly rest?: string
  readonly id: string
  readonly tag: Tag
  readonly summary: string
  readonly about?: string
  /** `policy`: as the group's read policy says. `open`: anyone. */
  readonly access: 'open' | 'policy'
  /** Public log resources: pages of other origins may read them. */
  readonly crossOrigin?: boolean
  readonly params?: { readonly [name: string]: JsonSchema }
  readonly query?: { readonly [name: string]: { readonly schema: JsonSchema; readonly about: string } }
  readonly body?: EndpointBody
  readonly answers: { readonly [status: number]: AnswerDefinition }
  /** Codes it may answer with beyond those of every address. */
  readonly refusals: readonly string[]
  answer(call: Call): Promise<Answer | Refused | Refusal>
  /** Present on a live stream, which `answer` is not asked for: takes over the connection, or refuses. */
  stream?(call: Call, reply: FastifyReply): Refused | undefined
}

export interface EndpointBody {
  readonly limit: number
  readonly content: { readonly [mediaType: string]: JsonSchema }
  /** The bytes as they came, whatever the media type says: for what is named by its hash. */
  readonly raw?: boolean
}

export interface AnswerDefinition {
  readonly about: string
  readonly content: { readonly [mediaType: string]: JsonSchema }
}

/** A refusal with what is known about it. */
export interface Refused extends Refusal {
  readonly facts: ProblemFacts
}

export interface GroupPlace {
  readonly ledger: Ledger
  readonly projection: Projection
  readonly witnessing?: GroupWitnessing
}

export interface Call {
  /** Of addresses below `/v1/groups/{group}`. */
  readonly group: GroupPlace | undefined
  readonly params: { readonly [name: string]: string }
  /** Checked against the definition; as text. */
  readonly query: { readonly [name: string]: string | undefined }
  readonly body: unknown
  readonly headers: { readonly [name: string]: string | undefined }
  /** Who asks, as far as the connection tells. */
  readonly address: string
  readonly reader: Did | undefined
  /** Until the reader's token ends, where one was needed: a stream ends with it, and is asked for again with another. */
  readonly readableForMs?: number
}

export function groupOf({ group }: Call): GroupPlace {
  if (group === undefined) throw new Error('Only addresses below a group have one.')
  return group
}

export function refusedWith(code: string, facts: ProblemFacts = {}): Refused {
  return { refused: code, facts }
}

export const groupPath = '/v1/groups/{group}'
