/** Where commands write. Results go to standard output, everything for the eye beside them to standard error. */
export interface Terminal {
  /** A result, with a line end added. */
  print(text: string): void;
  /** A remark or a complaint, with a line end added. */
  note(text: string): void;
  /** Replaces the line that the last progress wrote; without a terminal each new text is a line. */
  progress(text: string): void;
  /** Ends the progress line. */
  progressDone(): void;
}

/** The process's own streams. */
export function processTerminal(): Terminal {
  // Whoever reads no further, such as head, ends the printing and nothing else.
  process.stdout.on("error", () => process.exit(0));
  const isLive = process.stderr.isTTY === true;
  let shown = "";
  const clear = (): void => {
    if (isLive && shown !== "") process.stderr.write("\r\u001b[2K");
    shown = "";
  };
  return {
    print(text) {
      clear();
      process.stdout.write(`${text}\n`);
    },
    note(text) {
      clear();
      process.stderr.write(`${text}\n`);
    },
    progress(text) {
      if (text === shown) return;
      clear();
      process.stderr.write(isLive ? text : `${text}\n`);
      shown = text;
    },
    progressDone: clear,
  };
}
