import rateLimit from '@fastify/rate-limit';
import serveStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler } from 'fastify-type-provider-zod';
import { counterFrom, latencyFrom, LatencyHistogram, type Registry } from '@haulwatch/service';
import { alarmRoutes } from './alarm-routes.ts';
import { apiLimits, type ApiPorts } from './api-ports.ts';
import { EventHub } from './event-hub.ts';
import { eventRoutes } from './event-routes.ts';
import { FixIntake } from './fix-intake.ts';
import { fixRoutes } from './fix-routes.ts';
import { fleetRoutes } from './fleet-routes.ts';
import { addGuards } from './guards.ts';
import { openAlarmRoutes } from './open-alarm-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { handleError, handleUnknown, ProblemError, validateWithZod } from './problems.ts';
import { SelfWatch } from './self-watch.ts';
import { statusRoutes } from './status-routes.ts';

export { apiLimits, type ApiLimits, type ApiPorts } from './api-ports.ts';
export { loopbackHosts } from './guards.ts';

/** A request must have arrived within this: a client that sends a byte a second must not hold a connection for ever. */
const requestMs = 30_000;

/** The API on its ports, ready to listen or to be injected into. Closing it ends the event streams first. */
export async function buildApi(ports: ApiPorts): Promise<FastifyInstance> {
  const limits = { ...apiLimits, ...ports.limits };
  const loggerInstance: FastifyBaseLogger = ports.logger;
  const app: FastifyInstance = fastify({
    loggerInstance,
    // A line a request is too much beside hundreds of screens; failures are logged by the error handler.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: requestMs,
    // An id of 64 Chinese characters, percent-encoded; the schemas tell what is too long.
    routerOptions: { maxParamLength: 600 },
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
  });
  app.setValidatorCompiler(validateWithZod);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  app.removeContentTypeParser('text/plain');
  addGuards(app);
  handleUnknown(app);
  measureRequests(app, ports.registry);
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: '1 minute',
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { after }) => new ProblemError('too-many-requests', `come back in ${after}`),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Haulwatch',
        version: '1',
        description: 'Alarms of dangerous trucks. Errors are RFC 9457 problems.',
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());

  const watch = new SelfWatch(ports);
  const hub = new EventHub({ ...ports, platformAlarms: () => watch.alarms() });
  const { history, live, fleet, policies, logger, registry } = ports;
  await app.register(alarmRoutes, { history, live, fleet });
  await app.register(openAlarmRoutes, { live });
  await app.register(fleetRoutes, { fleet, logger });
  await app.register(policyRoutes, { policies, logger });
  await app.register(fixRoutes, {
    intake: new FixIntake(ports),
    registry,
    requestsPerMinute: limits.fixRequestsPerMinute,
  });
  await app.register(eventRoutes, { hub, registry, limits });
  await app.register(statusRoutes, { ports, hub, watch });
  app.addHook('onReady', async () => watch.start());
  app.addHook('preClose', async () => watch.stop());
  if (ports.publicDir !== undefined) await app.register(serveStatic, { root: ports.publicDir });
  await app.ready();
  return app;
}

function measureRequests(app: FastifyInstance, registry: Registry): void {
  const histogram = new LatencyHistogram();
  const byStatus: Record<string, number> = {};
  latencyFrom(registry, { name: 'haulwatch_api_request_seconds', help: 'From request to answer.', histogram });
  counterFrom(registry, {
    name: 'haulwatch_api_requests_total',
    help: 'Requests answered, by status.',
    label: 'status',
    read: () => byStatus,
  });
  app.addHook('onResponse', async (_request, reply) => {
    histogram.record(reply.elapsedTime);
    const status = String(reply.statusCode);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  });
}
