/** Fixed header, topic and packet id are all that MQTT 3.1.1 adds to a QoS 1 payload (§3.3). */
const publishQos1 = 0x32;

/** CONNECT with a clean session and no keep-alive (§3.1); the certificate says who it is. */
export function connectPacket(clientId: string): Buffer {
  const header = Buffer.concat([text("MQTT"), Buffer.from([4, 0b0000_0010, 0, 0])]);
  return packet(0x10, [header, text(clientId)]);
}

/** SUBSCRIBE to all topics with one quality of service (§3.8). */
export function subscribePacket(o: { topics: readonly string[]; qos: 0 | 1; id: number }): Buffer {
  const filters = o.topics.flatMap((topic) => [text(topic), Buffer.from([o.qos])]);
  return packet(0x82, [word(o.id), ...filters]);
}

/** PUBLISH with QoS 1, ready to be written as it is. */
export function publishPacket(o: { topic: string; id: number; payload: Uint8Array }): Buffer {
  return packet(publishQos1, [text(o.topic), word(o.id), o.payload]);
}

export function pubackPacket(id: number): Buffer {
  return Buffer.from([0x40, 2, id >> 8, id & 255]);
}

export const disconnectPacket: Buffer = Buffer.from([0xe0, 0]);

function packet(type: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes: number[] = [];
  for (let left = length; left > 0 || lengthBytes.length === 0; left >>= 7) {
    lengthBytes.push((left & 127) | (left > 127 ? 128 : 0));
  }
  return Buffer.concat([Buffer.from([type, ...lengthBytes]), ...parts]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([word(bytes.length), bytes]);
}

function word(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
