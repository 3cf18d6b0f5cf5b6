import { fileURLToPath } from 'node:url';
import { createLogger, runService } from '@haulwatch/service';
import { pino } from 'pino';
import { startStandalone } from './app.ts';
import { readOptions } from './options.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const options = readOptions(process.argv.slice(2), fromRoot('.haulwatch/standalone'));
const files = { policyFile: fromRoot('deploy/policies/shanghai.yaml'), pageDir: fromRoot('services/console/public') };
// Standard output is for people and for RESULT; the log goes to standard error.
const logger = createLogger('standalone', 'warn', pino.destination(2));

await runService(logger, (context) => startStandalone(options, files, context));
