import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const repositoryRoot: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Everything that is fetched, built or stored by running things; ignored by git, safe to delete when nothing runs. */
export const ignoredDir: string = join(repositoryRoot, '.haulwatch');
