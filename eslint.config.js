import { defineConfig, globalIgnores } from 'eslint/config'
import importX, { createNodeResolver } from 'eslint-plugin-import-x'
import vue from 'eslint-plugin-vue'
import accessibility from 'eslint-plugin-vuejs-accessibility'
import tseslint from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

import { serverPackages, zones } from './eslint.boundaries.js'

const root = import.meta.dirname
const typed = ['{forge,instance,clients,command,migrations,scripts,test}/**/*.ts', '*.config.ts']
const pages = ['frontend/**/*.{ts,vue}', 'test/frontend/**/*.ts']
const shipped = ['{forge,instance,clients,command,migrations,frontend}/**/*.{ts,js,cjs,vue}']

/** Layout is prettier's; these rules find mistakes. */
const mistakes = {
  'array-callback-return': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-else-return': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-param-reassign': 'error',
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-throw-literal': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  radix: 'error',
}

export default defineConfig(
  globalIgnores(['dist/', 'dist.*/', 'var/', 'coverage/', 'test-results/', 'playwright-report/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },

  tseslint.configs.recommended,
  {
    rules: {
      ...mistakes,
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    },
  },

  {
    files: typed,
    ignores: ['test/frontend/**', 'test/flowfuse/support/host-app/**'],
    extends: [tseslint.configs.recommendedTypeCheckedOnly],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: root } },
    rules: {
      // A Fastify plugin or handler is async by its type even when it has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Interfaces here declare functions in method syntax; no `this` is involved.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
    },
  },
  {
    // A test looks into bodies whose type is what it is about to check.
    files: ['test/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },

  {
    files: ['frontend/**/*.vue'],
    extends: [
      vue.configs['flat/recommended'],
      vue.configs['no-layout-rules'],
      accessibility.configs['flat/recommended'],
    ],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-macros-order': 'error',
      'vue/define-emits-declaration': ['error', 'type-literal'],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/no-v-html': 'error',
      // An optional prop without a default is undefined, and its type says so.
      'vue/require-default-prop': 'off',
      'vue/require-typed-ref': 'error',
      // A table that is laid out as cards on a narrow screen loses its roles in Safari unless they are said.
      'vuejs-accessibility/no-redundant-roles': 'off',
      // A label that wraps its control and one that names it by id are equally good.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  {
    files: pages,
    // For a component that a plain file imports: import-x parses it with the options of the importing file.
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: { 'vue/multi-word-component-names': 'off' },
  },

  {
    files: ['**/*.{ts,js,mjs,cjs,vue}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.js', '.mjs', '.cjs', '.vue'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'], 'vue-eslint-parser': ['.vue'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.cjs', '.vue'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: root, zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-duplicates': 'error',
      'import-x/no-self-import': 'error',
      'import-x/first': 'error',
      'import-x/newline-after-import': 'error',
    },
  },
  {
    files: ['instance/**/*.{ts,js,cjs}'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: serverPackages, message: 'An instance carries no server and no database.' }] },
      ],
    },
  },
  {
    files: ['{forge/contract,clients}/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'fastify', 'sequelize'], message: 'This also runs in a browser.' }] },
      ],
    },
  },
  { files: shipped, rules: { 'no-console': 'error' } },
  { files: ['instance/**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
)
