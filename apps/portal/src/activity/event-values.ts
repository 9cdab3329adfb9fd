/** Values of an event as words for its sentence: ids shortened, amounts grouped, lists counted. */

import { shortenDid, shortenId } from '../format/shorten.ts'
import type { Format } from '../format/use-format.ts'

export interface Names {
  did(did: string): string | undefined
  /** Of roles, duties and kinds of change; undefined for any other word. */
  known(word: string): string | undefined
  type(typeId: string): string
  member(memberId: string): string
}

const amounts = new Set(['amount', 'creditsPosted', 'debitsPosted', 'creditsPending', 'debitsPending'])

export function eventWord(name: string, value: unknown, format: Format, names: Names): string {
  if (typeof value === 'string') return wordOfText(name, value, format, names)
  if (typeof value === 'number') return name.endsWith('Ms') ? format.moment(value) : format.integer(value)
  if (Array.isArray(value)) return format.integer(value.length)
  if (typeof value === 'object' && value !== null && 'kind' in value)
    return names.known(String(value.kind)) ?? String(value.kind)
  return String(value)
}

function wordOfText(name: string, value: string, format: Format, names: Names): string {
  if (amounts.has(name)) return format.amount(value)
  if (value.startsWith('did:')) return names.did(value) ?? shortenDid(value)
  if (value.startsWith('member_')) return names.member(value)
  if (value.startsWith('type_')) return names.type(value)
  return names.known(value) ?? shortenId(value)
}

/** Between Han characters no space is written; the sentences carry them for the ids that may stand there instead. */
export function closeHanGaps(sentence: string): string {
  return sentence.replace(/(?<=\p{Script=Han}|[，、：；。）]) (?=\p{Script=Han}|[，、：；（])/gu, '')
}
