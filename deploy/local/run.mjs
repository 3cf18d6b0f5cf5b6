#!/usr/bin/env node
/**
 * Runs a program of this repository with everything that it needs, on a machine that has nothing but some Node >= 18:
 *
 *     node deploy/local/run.mjs FILE.ts args…      a TypeScript file; FILE is relative to the repository's root
 *     node deploy/local/run.mjs :bin args…         a program of node_modules/.bin (or `:node`, or `:pnpm`)
 *
 * First use: Node 24 and pnpm 12 are fetched into .haulwatch/toolchain where the machine's own are older or missing,
 * and the dependencies are installed; later uses only compare a hash. Plain JavaScript without dependencies, because
 * it runs before there is anything else.
 */
import { runTarget } from './bootstrap/run-target.mjs';

await runTarget(process.argv.slice(2));
