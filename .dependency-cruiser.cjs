/**
 * The import table of docs/ARCHITECTURE.md as rules. What a row does not name is forbidden. npm does not wall
 * workspaces off from each other, so this is the wall.
 */

const everywhere = '^(packages|apps)/'

/** Package → what it may import, as path patterns below the repository. */
const mayImport = {
  'packages/kernel': [],
  'packages/crypto': ['packages/kernel/'],
  'packages/module-kit': ['packages/kernel/'],
  'packages/domains': ['packages/module-kit/', 'packages/kernel/'],
  'packages/ledger': ['packages/module-kit/', 'packages/crypto/', 'packages/kernel/'],
  'packages/projection': ['packages/module-kit/', 'packages/kernel/'],
  'packages/api': [
    'packages/module-kit/',
    'packages/kernel/',
    'packages/ledger/src/face[.]ts$',
    'packages/projection/src/face[.]ts$',
  ],
  'packages/client': [
    'packages/domains/src/[^/]+/schema[.]ts$',
    'packages/module-kit/',
    'packages/crypto/',
    'packages/kernel/',
  ],
  'packages/audit': ['packages/crypto/', 'packages/kernel/'],
  'packages/holder': ['packages/client/', 'packages/audit/', 'packages/crypto/', 'packages/kernel/'],
  'packages/services': [
    'packages/client/',
    'packages/audit/',
    'packages/holder/',
    'packages/crypto/',
    'packages/kernel/',
  ],
  'apps/cli': ['packages/client/', 'packages/audit/', 'packages/kernel/'],
  'apps/portal': ['packages/client/', 'packages/audit/', 'packages/holder/', 'packages/kernel/'],
  'apps/node': ['packages/(?!testkit/)'],
}

const tests = '[.]test[.]tsx?$'

const table = Object.entries(mayImport).map(([from, allowed]) => ({
  name: `imports-of-${from.replace('/', '-')}`,
  comment: `${from} imports only: ${allowed.join(', ') || 'nothing'}. See the import table in docs/ARCHITECTURE.md.`,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: tests },
  to: { path: everywhere, pathNot: [`^${from}/`, ...allowed.map((pattern) => `^${pattern}`)] },
}))

module.exports = {
  forbidden: [
    ...table,
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or lack a third.',
      severity: 'error',
      from: { pathNot: tests },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-platform-in-pure-packages',
      comment: 'Rules and proofs reach no socket, clock or file, and run in a browser.',
      severity: 'error',
      from: {
        path: '^packages/(kernel|module-kit|domains|audit|crypto|client|holder)/',
        pathNot: [tests, '^packages/(crypto|client)/src/node/'],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-dependency-in-rules',
      comment: 'What members agree on has no code of others in it.',
      severity: 'error',
      from: { path: '^packages/(kernel|module-kit|domains)/', pathNot: tests },
      to: { path: 'node_modules' },
    },
    {
      name: 'domains-meet-at-their-faces',
      comment: 'One domain knows another by its schema, its reads and its types; rules never see views or routes.',
      severity: 'error',
      from: { path: '^packages/domains/src/([^/]+)/', pathNot: tests },
      to: {
        path: '^packages/domains/src/[^/]+/',
        pathNot: ['^packages/domains/src/$1/', '/(schema|reads|types)[.]ts$'],
      },
    },
    {
      name: 'rules-without-presentation',
      comment: 'Views and routes are not agreed between members: no rule may depend on them.',
      severity: 'error',
      from: { path: '^packages/domains/src/[^/]+/', pathNot: [tests, '/(views|routes|index)[.]ts$'] },
      to: { path: '^packages/domains/src/[^/]+/(views|routes)[.]ts$' },
    },
    {
      name: 'testkit-in-tests-only',
      severity: 'error',
      comment: 'The testkit is for tests.',
      from: { path: everywhere, pathNot: [tests, '^packages/testkit/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'declared-dependencies',
      comment: 'A package declares what it imports.',
      severity: 'error',
      from: { path: everywhere, pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that does not resolve is not checked by any rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: 'specify',
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
