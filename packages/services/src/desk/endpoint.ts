/**
 * What a desk offers over HTTP, without a web framework: a server mounts it below `/v1/desks/<desk>`, checks bodies by
 * their schema, knows who is signed in, and turns refusals into problem documents.
 */
import type { Json, JsonObject, Refusal } from '@chengxin/kernel'
import type { OfficeRole, Person } from './person.ts'

export interface Desk {
  /** One word: `bureau`, `issuer`, `agent`, `verifier`, `sharing`, `sign-in`. */
  readonly name: string
  readonly endpoints: readonly DeskEndpoint[]
  /** Codes of this desk, as domains list theirs: kind and one sentence. */
  readonly refusals: DeskRefusals
  close?(): Promise<void>
}

export type DeskRefusals = {
  readonly [code: string]: readonly [
    kind: 'malformed' | 'unauthenticated' | 'forbidden' | 'missing' | 'conflict' | 'busy',
    sentence: string,
  ]
}

/** Who may ask: anyone, anyone who is signed in, residents, or officers with one of these roles. */
export type Asker = 'anyone' | 'signed-in' | 'resident' | readonly OfficeRole[]

export interface DeskEndpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the desk, such as `/applications/{applicationId}`. Nothing personal ever stands in it. */
  readonly path: string
  /** Operation id, such as `listApplications`. */
  readonly id: string
  readonly summary: string
  readonly who: Asker
  /** JSON Schemas. A body is JSON unless `bodyMediaType` says otherwise, and then it is handed in as bytes. */
  readonly body?: JsonObject
  readonly bodyMediaType?: string
  /** 64 KiB if absent. */
  readonly bodyLimit?: number
  readonly query?: { readonly [name: string]: { readonly schema: JsonObject; readonly about: string } }
  readonly answer: JsonObject
  /** Beyond those that every address of desks has (`sign_in_needed`, `role_needed`). */
  readonly refusals: readonly string[]
  handle(call: DeskCall): Promise<Json | DeskFile | Refusal>
}

export interface DeskCall {
  readonly params: { readonly [name: string]: string }
  readonly query: { readonly [name: string]: string | undefined }
  /** As the schema describes it; bytes where the endpoint names a media type of its own. */
  readonly body: unknown
  readonly headers: { readonly [name: string]: string | undefined }
  /** Where the request came from, as far as the connection tells; absent where nobody looked. */
  readonly address?: string
  /** Who is signed in; undefined only where anyone may ask. */
  readonly person: Person | undefined
}

/** An answer that is not JSON, or that carries headers of its own. */
export class DeskFile {
  readonly mediaType: string
  readonly bytes: string | Uint8Array
  readonly headers: { readonly [name: string]: string }

  constructor(mediaType: string, bytes: string | Uint8Array, headers: { readonly [name: string]: string } = {}) {
    this.mediaType = mediaType
    this.bytes = bytes
    this.headers = headers
  }
}

/** What the server itself refuses before a desk is asked. */
export const deskRefusals = {
  sign_in_needed: ['unauthenticated', 'Sign in first.'],
  role_needed: ['forbidden', 'This is for people with another role.'],
  origin_not_allowed: ['forbidden', 'Only pages of this node may do this.'],
} as const satisfies DeskRefusals

/** The person of a call that the server let in; for handlers of endpoints that are not for anyone. */
export function personOf({ person }: DeskCall): Person {
  if (person === undefined) throw new Error('An endpoint for anyone has asked who is signed in.')
  return person
}
