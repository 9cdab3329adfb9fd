/** Words stand in the locale files alone: no page has text of its own, which three of four readers could not read. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const source = fileURLToPath(new URL('..', import.meta.url))
const spoken = new Set([
  'title',
  'label',
  'alt',
  'placeholder',
  'header',
  'caption',
  'note',
  'lead',
  'description',
  'next',
])
const isSpoken = (name: string) => spoken.has(name) || name === 'aria-label' || name === 'aria-description'
const hasLetters = (text: string) => /\p{L}/u.test(text)

/** Texts in a file that a reader would see or hear. */
function literalTexts(code: string): readonly string[] {
  const found: string[] = []
  const takeLiteral = (node: ts.Node | undefined) => {
    if (node === undefined) return
    if (ts.isStringLiteralLike(node)) {
      if (hasLetters(node.text)) found.push(node.text)
    } else if (ts.isTemplateExpression(node)) {
      const fixed = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('')
      if (hasLetters(fixed)) found.push(fixed)
    } else if (ts.isConditionalExpression(node)) {
      takeLiteral(node.whenTrue)
      takeLiteral(node.whenFalse)
    } else if (ts.isJsxExpression(node)) takeLiteral(node.expression)
  }
  const visit = (node: ts.Node) => {
    if (ts.isJsxText(node) && hasLetters(node.text)) found.push(node.text.trim())
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) for (const child of node.children) takeLiteral(child)
    if (ts.isJsxAttribute(node) && isSpoken(node.name.getText())) takeLiteral(node.initializer)
    if (ts.isPropertyAssignment(node) && isSpoken(node.name.getText())) takeLiteral(node.initializer)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('page.tsx', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX))
  return found
}

const pages = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'))

describe('the scan finds planted text', () => {
  test.each([
    ['between tags', 'const page = <p>Hello</p>', 'Hello'],
    ['in braces', "const page = <p>{'Hello'}</p>", 'Hello'],
    ['in a choice', "const page = <p>{ok ? 'Yes' : t('no')}</p>", 'Yes'],
    ['in a template', 'const page = <p>{`Block ${height}`}</p>', 'Block '],
    ['in a label', 'const page = <button aria-label="Close">×</button>', 'Close'],
    ['in an attribute in braces', "const page = <img alt={'A seal'} />", 'A seal'],
    ['in a column', "const columns = [{ key: 'a', header: 'Member' }]", 'Member'],
    ['in Chinese', 'const page = <p>你好</p>', '你好'],
  ])('%s', (_where, code, text) => {
    expect(literalTexts(code)).toEqual([text])
  })
  test('and lets signs, names of classes and translated words pass', () => {
    expect(
      literalTexts("const page = <p className=\"lead\" title={t('a')}>{t('b')} · {'−'} {`${a}/${b}`}</p>"),
    ).toEqual([])
  })
})

test('pages are looked at', () => {
  expect(pages.length).toBeGreaterThan(30)
})

test.each(pages)('%s has no text of its own', (page) => {
  expect(literalTexts(readFileSync(join(source, page), 'utf8'))).toEqual([])
})
