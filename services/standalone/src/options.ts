import { Command, InvalidArgumentError } from 'commander';

export type StandaloneOptions = {
  readonly vehicles: number;
  readonly seed: number;
  readonly port: number;
  readonly data: string;
  readonly fresh: boolean;
  readonly simulator: boolean;
  /** Absent: runs until it is stopped. */
  readonly seconds?: number;
};

/** The embedded database is one session of one process: more vehicles want real servers. */
const vehiclesMax = 5_000;

/** Reads the command line; commander prints what is wrong and ends the process with code 1. */
export function readOptions(argv: readonly string[], defaultDataDir: string): StandaloneOptions {
  return new Command('npm start --')
    .description(
      'Haulwatch in one process: embedded log, store and database, a simulated fleet, page and API on localhost.',
    )
    .option('--vehicles <n>', `size of the simulated fleet, 1 to ${vehiclesMax}`, whole(1, vehiclesMax), 500)
    .option('--seed <n>', 'another seed is another city and fleet', whole(0, 2 ** 32 - 1), 1)
    .option('--port <n>', 'port of the page and the API on 127.0.0.1; 0 picks a free one', whole(0, 65_535), 8080)
    .option('--data <dir>', 'where the data is kept', defaultDataDir)
    .option('--fresh', 'delete the data of former runs first', false)
    .option('--no-simulator', 'no simulated fleet: fixes come by POST /v1/fixes or `haulwatch replay --to http://…`')
    .option('--seconds <n>', 'end by itself after so many seconds, with a line RESULT {json}', whole(1, 86_400))
    .addHelpText('after', '\nExample: npm start -- --vehicles 200 --seed 7 --seconds 60 --fresh')
    .allowExcessArguments(false)
    .showHelpAfterError('(--help says more)')
    .parse(argv, { from: 'user' })
    .opts<StandaloneOptions>();
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}
