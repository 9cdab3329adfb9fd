/** Text can be read on its ground in both appearances: 4.5:1 (WCAG 2.2, success criterion 1.4.3). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')

function tokens(selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf(`${selector} {`)
  const block = css.slice(start, css.indexOf('\n}', start))
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [name, colour]),
  )
}

const light = tokens(':root')
const dark = new Map([...light, ...tokens(':root[data-appearance="dark"]')])

/** Relative luminance of sRGB, as WCAG defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(text: string, ground: string): number {
  const [brighter = 0, darker = 0] = [luminance(text), luminance(ground)].sort((left, right) => right - left)
  return (brighter + 0.05) / (darker + 0.05)
}

const pairs = [
  ...['ink', 'ink-soft', 'ink-faint', 'jade', 'cinnabar', 'amber'].flatMap((text) =>
    ['paper', 'surface', 'sunken'].map((ground) => [text, ground] as const),
  ),
  ['jade-strong', 'jade-soft'],
  ['jade', 'jade-soft'],
  ['cinnabar', 'cinnabar-soft'],
  ['amber', 'amber-soft'],
  ['ink-soft', 'jade-soft'],
  ['ink-soft', 'cinnabar-soft'],
  ['ink-soft', 'amber-soft'],
  ['on-jade', 'jade'],
  ['rail-text', 'rail'],
  ['rail-faint', 'rail'],
  ['rail-text', 'rail-active'],
] as const

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('%s', (_appearance, colours) => {
  test.each(pairs)('%s on %s', (text, ground) => {
    expect(contrast(colours.get(text) ?? '', colours.get(ground) ?? '')).toBeGreaterThanOrEqual(4.5)
  })
})

test('the measure tells grey on grey from black on white', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#777777', '#999999')).toBeLessThan(2)
})
