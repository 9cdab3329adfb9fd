/**
 * Comma-separated values (RFC 4180), read strictly and with places, so that whoever sent a file can be told where it is
 * wrong. Fields may be quoted, a quote inside is doubled, a quoted field may hold line ends; nothing is trimmed or guessed.
 */

export interface CsvRecord {
  /** Line of the file on which the record begins, from 1. */
  readonly line: number
  readonly fields: readonly string[]
}

export interface CsvFault {
  readonly code: 'not_utf8' | 'quote_not_closed' | 'quote_misplaced' | 'file_empty'
  readonly line: number
}

/** The text of a CSV file's bytes: UTF-8, with or without a byte order mark. */
export function decodeCsv(bytes: Uint8Array): string | CsvFault {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { code: 'not_utf8', line: 1 }
  }
}

/** The records of a file, or its first fault. Lines without any character are skipped. */
export function readCsv(text: string): readonly CsvRecord[] | CsvFault {
  const reader = new Reader(text)
  const records: CsvRecord[] = []
  while (!reader.isAtEnd) {
    const record = reader.record()
    if ('code' in record) return record
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record)
  }
  return records.length > 0 ? records : { code: 'file_empty', line: 1 }
}

class Reader {
  private at = 0
  private line = 1
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  record(): CsvRecord | CsvFault {
    const { line } = this
    const fields: string[] = []
    for (;;) {
      const field = this.text[this.at] === '"' ? this.quoted() : this.plain()
      if (typeof field !== 'string') return field
      fields.push(field)
      if (this.text[this.at] !== ',') break
      this.at++
    }
    this.endOfLine()
    return { line, fields }
  }

  private plain(): string | CsvFault {
    const start = this.at
    while (!this.isAtEnd && !',\r\n'.includes(this.text[this.at] as string)) {
      if (this.text[this.at] === '"') return { code: 'quote_misplaced', line: this.line }
      this.at++
    }
    return this.text.slice(start, this.at)
  }

  private quoted(): string | CsvFault {
    const { line } = this
    let value = ''
    this.at++
    for (;;) {
      const end = this.text.indexOf('"', this.at)
      if (end < 0) return { code: 'quote_not_closed', line }
      value += this.text.slice(this.at, end)
      this.at = end + 1
      if (this.text[this.at] !== '"') break
      value += '"'
      this.at++
    }
    this.line += value.split('\n').length - 1
    const isEnded = this.isAtEnd || ',\r\n'.includes(this.text[this.at] as string)
    return isEnded ? value : { code: 'quote_misplaced', line: this.line }
  }

  private endOfLine(): void {
    if (this.text[this.at] === '\r') this.at++
    if (this.text[this.at] === '\n') this.at++
    this.line++
  }
}
