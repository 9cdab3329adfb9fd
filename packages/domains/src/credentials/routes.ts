import type { Route } from '@chengxin/module-kit'

export const routes: readonly Route[] = []
