import { createLogger, listen, readConfig, runService } from '@haulwatch/service';
import { buildApi } from './app.ts';
import { Config } from './config.ts';
import { openPorts } from './open-ports.ts';

const logger = createLogger('api', Config.shape.LOG_LEVEL.catch('info').parse(process.env['LOG_LEVEL']));

await runService(logger, async ({ stack }) => {
  const config = readConfig(Config, process.env);
  const app = stack.adopt(await buildApi(await openPorts(config, logger, stack)), (open) => open.close());
  const address = await listen(app, { host: config.HOST, port: config.PORT, setting: 'PORT' });
  logger.info({ address }, 'the API listens on this machine alone: there is no sign-in yet');
  return {};
});
