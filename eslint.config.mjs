import tseslint from 'typescript-eslint'
import globals from 'globals'

// Rules that catch defects or keep the house's manners (CONTRIBUTING.md). Formatting is nobody's argument here.
export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'contracts/{out,cache,artifacts,abi}/**', '**/coverage/**', 'test/output/**', '.streamflow/**', 'examples/docs/site/**'] },
  ...tseslint.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
        { selector: 'ExportAllDeclaration', message: 'List what an index exports.' },
        { selector: 'TSEnumDeclaration', message: 'Use a string union or an `as const` table.' },
        { selector: "ThrowStatement > NewExpression[callee.name='Error']", message: 'Throw a StreamflowError with a code (or a RangeError/TypeError for a programming mistake).' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      complexity: ['error', 16],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'always'],
      'prefer-const': 'error',
    },
  },
  {
    // Tests, tools and configuration: they talk to a person and are allowed long stories.
    files: ['**/*.test.ts', '**/*.spec.ts', '**/*.d.ts', 'test/**', 'sdk/test/**', 'examples/{network,page,docs}/**', 'packaging/**', '**/*.config.*', 'contracts/**/*.mjs', 'sdk/build/**', '**/*.cjs'],
    rules: { 'no-console': 'off', 'max-params': 'off', 'max-lines-per-function': 'off', 'max-lines': 'off', 'no-restricted-syntax': 'off', complexity: 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
)
