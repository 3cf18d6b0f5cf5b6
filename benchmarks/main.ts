import { readdir } from 'node:fs/promises';

/** Every `<name>.bench.ts` beside this file answers one question and prints `RESULT {json}` as its last line. */
const files = await readdir(import.meta.dirname);
const names = files.filter((file) => file.endsWith('.bench.ts')).map((file) => file.slice(0, -'.bench.ts'.length));
const [name, ...args] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`npm run bench -- NAME [options]; NAME is one of: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const { bench } = (await import(`./${name}.bench.ts`)) as { bench: (args: readonly string[]) => Promise<unknown> };
  process.stdout.write(`RESULT ${JSON.stringify(await bench(args))}\n`);
}
