/** One thing that a traced process did with a file or a socket, at the moment at which it counts. */
export type SystemCall =
  /** What a socket gave, when the call had returned. */
  | { readonly type: "received"; readonly socket: SocketName; readonly bytes: Buffer }
  /** What a socket was given, when the call began: from then on it may be on its way. */
  | { readonly type: "sent"; readonly socket: SocketName; readonly bytes: Buffer }
  /** What was added to a file, when the call had returned. */
  | { readonly type: "written"; readonly path: string; readonly bytes: Buffer }
  /** A sync covers what was written before it began, from the moment at which it has returned. */
  | { readonly type: "sync-begun"; readonly path: string; readonly thread: string }
  | { readonly type: "synced"; readonly path: string; readonly thread: string };

export interface SocketName {
  readonly localPort: number;
  readonly peerPort: number;
}

const begun = /^(\d+) +(\w+)\((\d+)<((?:->|[^>])*)>(.*)$/;
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;
const string = /"((?:\\x[0-9a-f]{2})*)"/g;
const result = / = (-?\d+)[^=]*$/;
const address = /^TCP(?:v6)?:\[(?:\[?[^\]]*\]?):(\d+)->(?:\[?[^\]]*\]?):(\d+)\]$/;
const unfinished = " <unfinished ...>";

interface Begun {
  readonly thread: string;
  readonly name: string;
  readonly target: string;
  readonly text: string;
}

/** Reads the lines of `strace -f -yy -xx`. Calls on anything but files and TCP sockets are left out. */
export function systemCalls(lines: readonly string[]): readonly SystemCall[] {
  const open = new Map<string, Begun>();
  const found: SystemCall[] = [];
  for (const line of lines) {
    const [, thread = "", name = "", , where = "", text = ""] = begun.exec(line) ?? [];
    if (thread !== "") {
      const call = { thread, name, target: targetOf(where), text };
      found.push(...beginning(call));
      if (text.endsWith(unfinished)) open.set(thread, call);
      else found.push(...ending(call));
      continue;
    }
    const [, again = "", , rest = ""] = resumed.exec(line) ?? [];
    const call = open.get(again);
    open.delete(again);
    if (call !== undefined) {
      found.push(...ending({ ...call, text: call.text.slice(0, -unfinished.length) + rest }));
    }
  }
  return found;
}

function beginning(call: Begun): readonly SystemCall[] {
  const { name, target: path, thread, text } = call;
  if (isSync(name)) return [{ type: "sync-begun", path, thread }];
  const socket = socketOf(path);
  if (socket === undefined || isReading(name)) return [];
  return [{ type: "sent", socket, bytes: bytesIn(text) }];
}

function ending(call: Begun): readonly SystemCall[] {
  const { name, target: path, thread, text } = call;
  const returned = Number(result.exec(text)?.[1]);
  if (!(returned >= 0)) return [];
  if (isSync(name)) return [{ type: "synced", path, thread }];
  const socket = socketOf(path);
  const bytes = bytesIn(text);
  if (bytes.length !== returned && !isReading(name)) {
    throw new Error(
      `${name} took ${returned} of ${bytes.length} bytes; the order needs whole writes`,
    );
  }
  if (isReading(name)) {
    return socket === undefined ? [] : [{ type: "received", socket, bytes }];
  }
  return path.startsWith("/") ? [{ type: "written", path, bytes }] : [];
}

function isSync(name: string): boolean {
  return name === "fdatasync" || name === "fsync";
}

function isReading(name: string): boolean {
  return name.startsWith("read") || name.startsWith("pread");
}

/** Paths come in hexadecimal, sockets as they are. */
function targetOf(where: string): string {
  return where.startsWith("\\x") ? hexBytes(where).toString("utf8") : where;
}

function socketOf(target: string): SocketName | undefined {
  const [, localPort, peerPort] = address.exec(target) ?? [];
  return localPort === undefined
    ? undefined
    : { localPort: Number(localPort), peerPort: Number(peerPort) };
}

/** All strings of a call one after the other: writev has several. */
function bytesIn(text: string): Buffer {
  return Buffer.concat([...text.matchAll(string)].map(([, hex = ""]) => hexBytes(hex)));
}

function hexBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
