/**
 * Canonical texts of objects whose members a schema lists: the names are put in order and spelled once, so that each
 * object costs its values alone. What comes out is what `canonicalize` writes, letter by letter.
 */
import { canonicalize } from '@chengxin/kernel'
import type { JsonSchema } from '@chengxin/module-kit'

interface Member {
  readonly name: string
  /** `"name":`, or the whole of a member that never changes, and the same inside a string. */
  readonly opening: string
  readonly quotedOpening: string
  readonly isConstant: boolean
}

export interface Constant {
  readonly name: string
  readonly value: string
}

/** Text that JSON writes as it is, without an escape. */
const plain = /^[ !#-[\]-~]*$/

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
      return { name, isConstant, opening, quotedOpening: JSON.stringify(opening).slice(1, -1) }
    })
  }

  /** The canonical text alone. */
  textOf(value: object): string {
    const members = this.#members
    if (members === undefined) return canonicalize(this.#whole(value))
    let text = '{'
    for (let index = 0; index < members.length; index++) {
      const { name, opening, isConstant } = members[index] as Member
      const member = isConstant ? null : (value as Record<string, unknown>)[name]
      if (member === undefined) continue
      text += text.length === 1 ? opening : `,${opening}`
      if (isConstant) continue
      if (typeof member === 'bigint') text += `"${member}"`
      else if (typeof member === 'string' && plain.test(member)) text += `"${member}"`
      else text += canonicalize(member)
    }
    return `${text}}`
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
    let text = '{'
    let quoted = '"{'
    for (let index = 0; index < members.length; index++) {
      const { name, opening, quotedOpening } = members[index] as Member
      const member = (value as Record<string, unknown>)[name]
      if (member === undefined) continue
      const separator = text.length === 1 ? '' : ','
      if (typeof member === 'bigint' || (typeof member === 'string' && plain.test(member))) {
        const letters = `${member}`
        text += `${separator}${opening}"${letters}"`
        quoted += `${separator}${quotedOpening}\\"${letters}\\"`
      } else {
        const spelled = canonicalize(member)
        text += `${separator}${opening}${spelled}`
        quoted += `${separator}${quotedOpening}${JSON.stringify(spelled).slice(1, -1)}`
      }
    }
    this.text = `${text}}`
    this.quoted = `${quoted}}"`
  }
}
