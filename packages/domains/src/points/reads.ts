/** What other domains may ask of points. */
import { defineReads } from '@chengxin/module-kit'
import type { PointsTables, Program } from './types.ts'

export interface PointsReads {
  program(programId: string): Program | undefined
}

export const pointsReads = defineReads<PointsTables, PointsReads>('points', (read) => ({
  program: (programId) => read.programs.get(programId),
}))
