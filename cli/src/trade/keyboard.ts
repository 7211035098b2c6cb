import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Dialogue } from "./menu.ts";

/** The terminal of this process, with answers that do not show while a passphrase is typed. */
export class Keyboard implements Dialogue {
  readonly #lines: Interface;
  #isSecret = false;
  readonly #over: Promise<undefined>;

  constructor() {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#isSecret) process.stdout.write(chunk);
        done();
      },
    });
    this.#lines = createInterface({ input: process.stdin, output, terminal: true });
    this.#over = new Promise((resolve) => this.#lines.once("close", () => resolve(undefined)));
  }

  ask(question: string): Promise<string | undefined> {
    const answer = this.#lines.question(`${question}: `).catch(() => undefined);
    return Promise.race([answer, this.#over]);
  }

  async askSecret(question: string): Promise<string> {
    process.stdout.write(`${question}: `);
    this.#isSecret = true;
    try {
      return (await Promise.race([this.#lines.question("").catch(() => ""), this.#over])) ?? "";
    } finally {
      this.#isSecret = false;
      process.stdout.write("\n");
    }
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  close(): void {
    this.#lines.close();
  }
}
