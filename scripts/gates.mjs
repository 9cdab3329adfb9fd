/**
 * The gates, cheapest first. Each has a planted failure: a change that it must refuse, tried by `scripts/prove-gates.mjs`
 * on a copy of the tree. A gate that stays green over its plant looked at nothing.
 *
 * `plant` maps a path to the content to put there, or to a function of the content that stands there.
 */

const bin = (name) => `node_modules/.bin/${name}`

/** @type {{name: string, command: string[], plant: Record<string, string | ((text: string) => string)>, says: RegExp}[]} */
export const gates = [
  {
    name: 'format',
    command: [bin('biome'), 'ci', '--colors=off', '--error-on-warnings', '.'],
    plant: { 'packages/kernel/src/planted.ts': 'export const planted   = "double"; \n' },
    says: /planted\.ts/,
  },
  {
    name: 'tidy',
    command: ['node', 'scripts/tidy.mjs'],
    plant: { 'packages/kernel/src/utils.ts': 'export const planted = 1\n' },
    says: /utils\.ts/,
  },
  {
    name: 'lint',
    command: [bin('oxlint'), '-c', 'oxlint.json', '--type-aware', '--quiet', 'packages', 'apps', 'tests', 'scripts'],
    plant: { 'packages/domains/src/planted.ts': 'export const planted = Math.random() > new Date().getTime()\n' },
    says: /planted\.ts/,
  },
  {
    name: 'imports',
    command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'packages', 'apps'],
    plant: {
      'packages/kernel/src/planted.ts': "import { sha256 } from '@chengxin/crypto'\n\nexport const planted = sha256\n",
    },
    says: /imports-of-packages-kernel/,
  },
  {
    name: 'types',
    command: [bin('tsc'), '-b'],
    plant: { 'packages/kernel/src/planted.ts': "export const planted: number = 'text'\n" },
    says: /planted\.ts/,
  },
  {
    name: 'dead code',
    command: [bin('knip'), '--no-progress'],
    plant: { 'packages/kernel/src/planted.ts': 'export const planted = 1\n' },
    says: /planted/,
  },
  {
    name: 'unit tests',
    command: [
      bin('vitest'),
      'run',
      '--project',
      'unit',
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=dist/unit-tests.json',
    ],
    plant: {
      'packages/kernel/src/planted.test.ts':
        "import { expect, test } from 'vitest'\n\ntest('planted', () => {\n  expect(1).toBe(2)\n})\n",
    },
    says: /planted\.test\.ts/,
  },
]

/** Further plants for gates above: rules inside a gate that deserve a proof of their own. */
export const furtherPlants = [
  {
    gate: 'imports',
    plant: {
      'packages/ledger/src/planted.ts':
        "import { ruleset } from '@chengxin/domains/ruleset'\n\nexport const planted = ruleset\n",
    },
    says: /imports-of-packages-ledger/,
  },
  {
    gate: 'imports',
    plant: {
      'packages/domains/src/points/planted.ts':
        "import { readFileSync } from 'node:fs'\n\nexport const planted = readFileSync\n",
    },
    says: /no-platform-in-pure-packages/,
  },
  {
    gate: 'imports',
    plant: { 'packages/api/src/planted.ts': "export { ledger } from '@chengxin/ledger'\n" },
    says: /imports-of-packages-api/,
  },
  {
    gate: 'types',
    plant: {
      'packages/domains/src/planted.ts':
        "import { readFileSync } from 'node:fs'\n\nexport const planted = readFileSync\n",
    },
    says: /planted\.ts/,
  },
  {
    gate: 'tidy',
    plant: { 'packages/kernel/src/planted.ts': Array.from({ length: 1001 }, (_, line) => `// ${line}`).join('\n') },
    says: /1,?000 lines/,
  },
  {
    gate: 'tidy',
    plant: { 'docs/planted.md': 'See [the missing page](no-such-page.md).\n' },
    says: /no-such-page/,
  },
]
