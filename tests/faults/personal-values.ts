/** Looks for values about persons in bytes: as they are, and inside the base64url that signed texts travel in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Columns of the register whose values say who somebody is. */
const personal = ['student_no', 'name_zh', 'name_latin'] as const

/** Every value of a register (CSV without quotes) that points to one person, once each. */
export function personalValues(csv: string): readonly string[] {
  const [head = '', ...rows] = csv.trimEnd().split(/\r?\n/)
  const columns = head.split(',')
  const values = rows.flatMap((row) => {
    const fields = row.split(',')
    return personal.map((name) => fields[columns.indexOf(name)] ?? '')
  })
  return [...new Set(values)].filter((value) => value.length >= 3)
}

export class PersonalSearch {
  /** By their first three characters, so that each place of a text is looked at once. */
  readonly #byStart = new Map<string, readonly string[]>()

  constructor(values: readonly string[]) {
    for (const value of values) {
      const start = value.slice(0, 3)
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), value])
    }
  }

  /** The values that stand in these bytes, plainly or encoded. */
  in(bytes: Uint8Array): readonly string[] {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const found = new Set(this.#inText(buffer.toString('utf8')))
    for (const [encoded] of buffer.toString('latin1').matchAll(/[\w-]{24,}/g)) {
      // Whoever begins in the middle of a text sees another decoding: each of the four is looked at.
      for (let start = 0; start < 4; start++) {
        for (const value of this.#inText(Buffer.from(encoded.slice(start), 'base64url').toString('utf8')))
          found.add(value)
      }
    }
    return [...found]
  }

  /** Values in the files of a folder, each with the file it was first seen in. */
  inFolder(folder: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      for (const value of this.in(readFileSync(file))) if (!found.has(value)) found.set(value, file)
    }
    return found
  }

  #inText(text: string): readonly string[] {
    const found: string[] = []
    for (let at = 0; at < text.length - 2; at++) {
      for (const value of this.#byStart.get(text.slice(at, at + 3)) ?? [])
        if (text.startsWith(value, at)) found.push(value)
    }
    return found
  }
}
