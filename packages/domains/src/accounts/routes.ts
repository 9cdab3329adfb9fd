import type { Route } from '@chengxin/module-kit'

/** Accounts are offered by the domains that control them, in their own words. */
export const routes: readonly Route[] = []
