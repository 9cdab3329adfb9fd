import { macauScheme } from '@chengxin/client'
import { expect, test } from 'vitest'
import { tourActs } from './tour-acts.ts'

test('the tour shows the acts of the scheme, in their order and roles', () => {
  expect(tourActs).toEqual(macauScheme.map(({ key, persona }) => ({ key, persona })))
})
