/** What our documents point to is there: files named in code style, links between documents, and every package by name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { home } from '../running-node.ts'

const pages = [
  'README.md',
  ...readdirSync(join(home, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...['packages', 'apps', 'tests/peers'].flatMap((folder) =>
    readdirSync(join(home, folder))
      .map((name) => join(folder, name, 'README.md'))
      .filter((file) => existsSync(join(home, file))),
  ),
]

test.each(pages)('%s names no file that is not there', (page) => {
  const text = readFileSync(join(home, page), 'utf8')
  const named = [...text.matchAll(/`((?:packages|apps|docs|scripts|tests|vectors|samples)\/[\w./@*-]+)`/g)].map(
    ([, path = '']) => path,
  )
  expect(named.filter((path) => !isThere(home, path.split('/')))).toEqual([])
  const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path)
  expect(links.filter((path) => !existsSync(join(home, dirname(page), path)))).toEqual([])
})

test('docs/ARCHITECTURE.md names every package and program', () => {
  const text = readFileSync(join(home, 'docs/ARCHITECTURE.md'), 'utf8')
  const folders = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(home, folder)).map((name) => `${folder}/${name}`),
  )
  expect(folders.length).toBeGreaterThan(10)
  expect(folders.filter((folder) => !text.includes(folder))).toEqual([])
})

/** A star stands for anything within one name. */
function isThere(folder: string, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined || first === '') return existsSync(folder)
  if (!first.includes('*')) return isThere(join(folder, first), rest)
  const parts = first.split('*').map((part) => part.replace(/[.]/g, '\\.'))
  const pattern = new RegExp(`^${parts.join('.*')}$`)
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.some((name) => pattern.test(name) && isThere(join(folder, name), rest))
}
