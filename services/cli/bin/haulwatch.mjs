#!/usr/bin/env node
// `npx haulwatch …` is `node deploy/local/run.mjs services/cli/src/main.ts …`: the same set-up first where it is missing.
import { runTarget } from '../../../deploy/local/bootstrap/run-target.mjs';

await runTarget(['services/cli/src/main.ts', ...process.argv.slice(2)]);
