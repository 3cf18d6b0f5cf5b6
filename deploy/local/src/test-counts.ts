/** What a run of tests came to. */
export type TestCounts = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** The part that we read of vitest's JSON report (vitest.dev/guide/reporters#json-reporter). */
export type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
};

/**
 * A file that failed as a whole (a syntax error, a throw outside of tests) counts as one failed test, as does an error
 * that belongs to no test: vitest then ends with an error while its counts look green.
 */
export function countTests(report: VitestReport, endedWell: boolean): TestCounts {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !endedWell ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function addCounts(left: TestCounts, right: TestCounts): TestCounts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

/** A run that tried nothing is no success. */
export function isGreen(counts: TestCounts, { maySkip }: { readonly maySkip: boolean }): boolean {
  return counts.passed > 0 && counts.failed === 0 && (maySkip || counts.skipped === 0);
}

/** Takes `--project NAME` out of the arguments; the rest is vitest's. */
export function parseTestArgs(args: readonly string[]): {
  readonly projects: readonly string[];
  readonly vitestArgs: readonly string[];
  /** vitest reports what `-t` leaves out as skipped. */
  readonly picksByTitle: boolean;
} {
  const projects: string[] = [];
  const vitestArgs: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--project') projects.push(args[(at += 1)] ?? '');
    else if (arg.startsWith('--project=')) projects.push(arg.slice('--project='.length));
    else vitestArgs.push(arg);
  }
  const picksByTitle = vitestArgs.some((arg) => arg === '-t' || arg.startsWith('--testNamePattern'));
  return { projects: projects.length > 0 ? projects : ['unit', 'integration', 'chaos'], vitestArgs, picksByTitle };
}
