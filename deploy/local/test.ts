/**
 * `npm test`: everything, real servers included. Arguments go on to vitest: `npm test -- --project unit`, a part of a
 * file's path, `-t 'a part of a title'`. The last line is `N passed, N failed, N skipped`. Ends with 1 when a test
 * failed, when none ran, and where CI=true also when one was skipped.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { dieWithParent, say } from './bootstrap/progress.mjs';
import { ensureKafkaJars } from './src/kafka-jars.ts';
import { ignoredDir, repositoryRoot } from './src/paths.ts';
import { ensureRequirements, serverNames } from './src/requirements.ts';
import { UnavailableError } from './src/server-error.ts';
import { addCounts, countTests, isGreen, parseTestArgs, type TestCounts } from './src/test-counts.ts';

const { projects, vitestArgs, picksByTitle } = parseTestArgs(process.argv.slice(2));
if (projects.some((project) => project !== 'unit')) await prepareServers();
// Chaos has servers of its own and waits most of its minutes: it runs beside the others, and is told at the end.
const beside = projects
  .filter((project) => project === 'chaos')
  .map((project) => runProject(project, projects.length > 1));
let counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };
for (const project of projects) {
  if (project !== 'chaos') counts = addCounts(counts, await runProject(project, false));
}
for (const others of beside) counts = addCounts(counts, await others);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = isGreen(counts, { maySkip: picksByTitle || process.env['CI'] !== 'true' }) ? 0 : 1;

/** Installs and fetches what the servers need before the tests, where one can see it; what is missing then is skipped. */
async function prepareServers(): Promise<void> {
  try {
    await ensureRequirements(serverNames);
    await ensureKafkaJars();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    say(error.message);
  }
}

async function runProject(project: string, isBeside: boolean): Promise<TestCounts> {
  const report = join(ignoredDir, `test-report-${project}-${process.pid}.json`);
  mkdirSync(ignoredDir, { recursive: true });
  const vitest = join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const [command = '', ...args] = [
    ...dieWithParent(),
    process.execPath,
    vitest,
    'run',
    '--project',
    project,
    '--passWithNoTests',
    ...reporters,
    ...vitestArgs,
  ];
  // Two at once would write into each other's lines.
  const output = isBeside ? ({ all: true } as const) : ({ stdio: 'inherit' } as const);
  const { exitCode, all } = await execa(command, args, { cwd: repositoryRoot, reject: false, ...output });
  if (isBeside) process.stdout.write(`\n${String(all)}\n`);
  try {
    return countTests(JSON.parse(readFileSync(report, 'utf8')), exitCode === 0);
  } catch (error) {
    say(`vitest left no report: ${(error as Error).message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(report, { force: true });
  }
}
