import { expect, test } from 'vitest';
import { addCounts, countTests, isGreen, parseTestArgs, type VitestReport } from './test-counts.ts';

function report(passed: number, failed: number, pending: number, todo: number, files: string[][] = []): VitestReport {
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: todo,
    testResults: files.map(([status = '', ...assertions]) => ({
      status,
      assertionResults: assertions.map((assertion) => ({ status: assertion })),
    })),
  };
}

test.each([
  ['all passed', report(3, 0, 0, 0, [['passed', 'passed']]), true, { passed: 3, failed: 0, skipped: 0 }],
  ['skipped and to do', report(3, 0, 2, 1), true, { passed: 3, failed: 0, skipped: 3 }],
  ['a failed test', report(2, 1, 0, 0, [['failed', 'passed', 'failed']]), false, { passed: 2, failed: 1, skipped: 0 }],
  ['a file without tests that failed', report(2, 0, 0, 0, [['failed']]), false, { passed: 2, failed: 1, skipped: 0 }],
  [
    'an error outside of tests',
    report(2, 0, 0, 0, [['passed', 'passed']]),
    false,
    { passed: 2, failed: 1, skipped: 0 },
  ],
])('counts %s', (_, input, endedWell, expected) => {
  expect(countTests(input, endedWell)).toEqual(expected);
});

test('adds', () => {
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
  expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 });
});

test.each([
  [{ passed: 1, failed: 0, skipped: 0 }, false, true],
  [{ passed: 1, failed: 0, skipped: 1 }, true, true],
  [{ passed: 1, failed: 0, skipped: 1 }, false, false],
  [{ passed: 1, failed: 1, skipped: 0 }, true, false],
  [{ passed: 0, failed: 0, skipped: 0 }, true, false],
  [{ passed: 0, failed: 0, skipped: 9 }, true, false],
])('%j, may skip %j: green is %j', (counts, maySkip, expected) => {
  expect(isGreen(counts, { maySkip })).toBe(expected);
});

test.each([
  [[], ['unit', 'integration', 'chaos'], [], false],
  [['--project', 'unit', 'geo'], ['unit'], ['geo'], false],
  [['--project=integration', '-t', 'drains'], ['integration'], ['-t', 'drains'], true],
  [['--testNamePattern=drains'], ['unit', 'integration', 'chaos'], ['--testNamePattern=drains'], true],
])('arguments %j', (args, projects, vitestArgs, picksByTitle) => {
  expect(parseTestArgs(args)).toEqual({ projects, vitestArgs, picksByTitle });
});
