/**
 * Canonical texts of objects whose members a schema lists: the names are put in order and spelled once, so that each
 * object costs its values alone. What comes out is what `canonicalize` writes, letter by letter.
 */
import { canonicalize } from '@chengxin/kernel'
import type { JsonSchema } from '@chengxin/module-kit'

interface Member {
  readonly name: string
  /** What stands before its value in the text, and what in the text as a JSON string. */
  readonly plain: Openings
  readonly quoted: Openings
  readonly isConstant: boolean
}

/**
 * Before a value that is letters between quotation marks, and before any other, by what stands before the member. A mark
 * that closes letters is written with what follows it: two pieces a member and not five, since each is an object of its
 * own until the text is hashed.
 */
interface Openings {
  readonly letters: readonly string[]
  readonly other: readonly string[]
}

/** What stands before a member: nothing yet, a value whose last mark is still to be written, or any other value. */
const atStart = 0
const afterLetters = 1
const afterOther = 2

const separators = ['{', '",', ',']
const endings = ['{}', '"}', '}']
/** The same inside a string, and where it begins and ends. */
const quotedSeparators = ['"{', '\\",', ',']
const quotedEndings = ['"{}"', '\\"}"', '}"']

function openingsOf(opening: string, before: readonly string[], mark: string): Openings {
  return {
    letters: before.map((separator) => `${separator}${opening}${mark}`),
    other: before.map((separator) => `${separator}${opening}`),
  }
}

export interface Constant {
  readonly name: string
  readonly value: string
}

/** Text that JSON writes as it is, without an escape. */
const plainText = /^[ !#-[\]-~]*$/

export class ObjectSpelling {
  /** In canonical order; undefined where the schema lists no members, as a choice does. */
  readonly #members: readonly Member[] | undefined
  /** The text spelled last, and the same text as a JSON string, its quotation marks included. */
  text = ''
  quoted = ''

  readonly #constant: Constant | undefined

  /** `constant`: a member that every object gets and none has. */
  constructor(schema: JsonSchema, constant?: Constant) {
    this.#constant = constant
    const properties = schema['type'] === 'object' ? schema['properties'] : undefined
    if (properties === undefined) return
    const names = Object.keys(properties as object)
    if (constant !== undefined) names.push(constant.name)
    this.#members = names.sort().map((name) => {
      const isConstant = name === constant?.name
      const opening = `${JSON.stringify(name)}:${isConstant ? JSON.stringify(constant.value) : ''}`
      return {
        name,
        isConstant,
        plain: openingsOf(opening, separators, '"'),
        quoted: openingsOf(JSON.stringify(opening).slice(1, -1), quotedSeparators, '\\"'),
      }
    })
  }

  /** The canonical text alone. */
  textOf(value: object): string {
    const members = this.#members
    if (members === undefined) return canonicalize(this.#whole(value))
    let text = ''
    let before = atStart
    for (let index = 0; index < members.length; index++) {
      const { name, plain, isConstant } = members[index] as Member
      const member = isConstant ? null : (value as Record<string, unknown>)[name]
      if (member === undefined) continue
      if (isLetters(member)) {
        text += plain.letters[before] as string
        text += member
        before = afterLetters
        continue
      }
      text += plain.other[before] as string
      if (!isConstant) text += canonicalize(member)
      before = afterOther
    }
    return text + (endings[before] as string)
  }

  #whole(value: object): object {
    return this.#constant === undefined ? value : { ...value, [this.#constant.name]: this.#constant.value }
  }

  /**
   * Leaves the canonical text in `text` and its form inside a list in `quoted`: most values are spelled the same in both.
   * For objects without a constant.
   */
  spell(value: object): void {
    const members = this.#members
    if (members === undefined) {
      this.text = canonicalize(value)
      this.quoted = JSON.stringify(this.text)
      return
    }
    let text = ''
    let spelled = ''
    let before = atStart
    for (let index = 0; index < members.length; index++) {
      const { name, plain, quoted } = members[index] as Member
      const member = (value as Record<string, unknown>)[name]
      if (member === undefined) continue
      if (isLetters(member)) {
        const letters = `${member}`
        text += plain.letters[before] as string
        text += letters
        spelled += quoted.letters[before] as string
        spelled += letters
        before = afterLetters
        continue
      }
      const other = canonicalize(member)
      text += plain.other[before] as string
      text += other
      spelled += quoted.other[before] as string
      spelled += JSON.stringify(other).slice(1, -1)
      before = afterOther
    }
    this.text = text + (endings[before] as string)
    this.quoted = spelled + (quotedEndings[before] as string)
  }
}

/** Whether a value is spelled as letters between quotation marks, none of which needs an escape. */
function isLetters(value: unknown): value is string | bigint {
  return typeof value === 'bigint' || (typeof value === 'string' && plainText.test(value))
}
