import { parseDcql } from '@chengxin/holder'
import { expectOk } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { queryFor } from './query-for.ts'

const wish = { purposeId: 'job', typeId: 'type_degree', fields: ['name', 'degree', 'gpa'] }
const first = (query: ReturnType<typeof queryFor>) => expectOk(parseDcql(query)).credentials[0]

test('where nothing is optional all of it is asked for, and the proof of anchoring', () => {
  const { claims, claimSets } = first(queryFor('group', wish)) ?? {}
  expect(claims?.map(({ path }) => path[0])).toEqual(['name', 'degree', 'gpa', 'anchor'])
  expect(claimSets).toBeUndefined()
})

test('every choice of optional fields is a set, the fullest first; the proof of anchoring is in each', () => {
  const { claimSets } = first(queryFor('group', { ...wish, optional: ['degree', 'gpa'] })) ?? {}
  expect(claimSets).toEqual([
    ['name', 'degree', 'gpa', 'anchor'],
    ['name', 'gpa', 'anchor'],
    ['name', 'degree', 'anchor'],
    ['name', 'anchor'],
  ])
})
