import { connect } from 'node:net';

/** kafka.apache.org/protocol: Metadata is API 3; version 4 is spoken by every Kafka since 0.11, and has fixed fields. */
const metadataRequest = { apiKey: 3, apiVersion: 4, correlationId: 1 };

/** True when the broker answers and knows of at least `brokers` living brokers: clients can work with it. */
export async function kafkaIsReady(server: string, brokers: number): Promise<boolean> {
  const response = await exchange(server, encodeMetadataRequest()).catch(() => undefined);
  // length, correlation id, throttle time, then the array of brokers.
  if (response === undefined || response.length < 16) return false;
  return response.readInt32BE(4) === metadataRequest.correlationId && response.readInt32BE(12) >= brokers;
}

function encodeMetadataRequest(): Buffer {
  const clientId = Buffer.from('haulwatch-probe');
  const bytes = Buffer.alloc(4 + 8 + 2 + clientId.length + 4 + 1);
  let at = bytes.writeInt32BE(bytes.length - 4, 0);
  at = bytes.writeInt16BE(metadataRequest.apiKey, at);
  at = bytes.writeInt16BE(metadataRequest.apiVersion, at);
  at = bytes.writeInt32BE(metadataRequest.correlationId, at);
  at = bytes.writeInt16BE(clientId.length, at);
  at += clientId.copy(bytes, at);
  bytes.writeInt32BE(0, at); // No topics; allow_auto_topic_creation stays 0.
  return bytes;
}

/** Sends one request and returns the first complete response; rejects after 2 s. */
function exchange(server: string, request: Buffer): Promise<Buffer> {
  const [host = '', port = ''] = server.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) });
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(2000, () => end(() => reject(new Error(`${server} is silent`))));
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('close', () => end(() => reject(new Error(`${server} closed the connection`))));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) end(() => resolve(received));
    });
  });
}
