import type { Views } from '@chengxin/module-kit'

export const views: Views = { tables: [], fold() {} }
