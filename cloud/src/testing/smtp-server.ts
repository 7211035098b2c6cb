import { createServer, type Server, type Socket } from "node:net";

/** A mail server of the tests: takes letters over plain SMTP (RFC 5321), or refuses while it is down. */
export class SmtpServer {
  readonly letters: { readonly from: string; readonly to: string[]; readonly data: string }[] = [];
  isBusy = false;
  readonly #server: Server = createServer((socket) => this.#talk(socket));
  #port = 0;

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    const address = this.#server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
    return this;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #talk(socket: Socket): void {
    let buffer = "";
    let letter = { from: "", to: [] as string[], data: "" };
    let isData = false;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const answers: Readonly<Record<string, (line: string) => string>> = {
      MAIL: (line) => {
        if (this.isBusy) return "451 come again";
        letter = { from: addressIn(line), to: [], data: "" };
        return "250 ok";
      },
      RCPT: (line) => {
        letter.to.push(addressIn(line));
        return "250 ok";
      },
      DATA: () => {
        isData = true;
        return "354 go on";
      },
      QUIT: () => "221 bye",
    };
    const command = (line: string): void =>
      say(answers[line.slice(0, 4).toUpperCase()]?.(line) ?? "250 ok");
    say("220 test");
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      buffer += bytes.toString("utf8");
      for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (!isData) command(line);
        else if (line !== ".") letter.data += `${line}\n`;
        else {
          isData = false;
          this.letters.push(letter);
          say("250 taken");
        }
      }
    });
  }
}

function addressIn(line: string): string {
  return /<(.*?)>/.exec(line)?.[1] ?? "";
}
