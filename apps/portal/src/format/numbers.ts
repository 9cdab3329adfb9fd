/** Numbers as the reader's region writes them. Amounts are decimal strings or bigint, never floats. */
const integers = new Map<string, Intl.NumberFormat>()

function integerFormat(tag: string): Intl.NumberFormat {
  let format = integers.get(tag)
  if (format === undefined) {
    // Always grouped: Portuguese leaves four digits ungrouped by default, which misaligns a column of heights.
    format = new Intl.NumberFormat(tag, { maximumFractionDigits: 0, useGrouping: 'always' })
    integers.set(tag, format)
  }
  return format
}

export function formatInteger(value: number | bigint, tag: string): string {
  return integerFormat(tag).format(value)
}

/** An amount in the smallest unit, or the text itself where it is not a whole number. */
export function formatAmount(amount: string | number | bigint, tag: string): string {
  if (typeof amount === 'string') return /^-?\d+$/.test(amount) ? formatInteger(BigInt(amount), tag) : amount
  return formatInteger(amount, tag)
}

export function formatBytes(bytes: number, tag: string): string {
  const inKilobytes = bytes >= 1000
  return new Intl.NumberFormat(tag, {
    style: 'unit',
    unit: inKilobytes ? 'kilobyte' : 'byte',
    maximumFractionDigits: inKilobytes ? 1 : 0,
  }).format(inKilobytes ? bytes / 1000 : bytes)
}
