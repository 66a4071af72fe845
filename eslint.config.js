import tseslint from "typescript-eslint";

/** Typed lint: the two rules that matter most here are floating promises and switches that forgot a case. */
export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "node_modules/**",
      "infra/cdk.out/**",
      "data/**",
      "test-results/**",
      "test/tidy/planted/**",
      "**/*.built.mjs",
      ".dependency-cruiser.cjs",
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ["*.js", "bin/*.js", "scripts/*.js"],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "max-params": "off",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["test/**", "bench/**", "sandbox/**"],
    rules: {
      "max-lines-per-function": "off",
      "max-lines": "off",
    },
  },
  { files: ["*.config.ts", "sandbox/page/*.config.ts", "*.js"], rules: { "no-restricted-exports": "off" } },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
