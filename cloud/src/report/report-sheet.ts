import { type Colour, PdfDocument, pageSize } from "./pdf-document.ts";
import { wrapped } from "./pdf-text.ts";

const margin = 48;
const quiet: Colour = [0.32, 0.38, 0.36];
const rule: Colour = [0.83, 0.85, 0.84];
const warn: Colour = [0.48, 0.32, 0];
const warnSoft: Colour = [0.99, 0.94, 0.82];

/** Bold text is this much wider than the plain that widths are known of. */
const boldFactor = 1.08;

/** Inner width of a page. */
export const sheetWidth: number = pageSize.width - 2 * margin;

/** One column of a table: the x of its left edge, or of its right one where figures stand right. */
export interface SheetColumn {
  readonly name: string;
  readonly x: number;
  readonly width: number;
  readonly isRight?: boolean;
}

/** A document that is written from top to bottom and begins a new page where the old is full. */
export class ReportSheet {
  readonly #document: PdfDocument;
  #y = margin;

  constructor(o: { title: string; made_ms: number }) {
    this.#document = new PdfDocument(o);
  }

  title(text: string): void {
    this.#document.text(margin, this.#down(22), text, { size: 20, isBold: true });
    this.#y += 6;
  }

  heading(text: string, room = 80): void {
    this.#room(room);
    this.#y += 12;
    this.#document.text(margin, this.#down(16), text, { size: 13, isBold: true });
    this.#y += 4;
  }

  paragraph(text: string, o: { isQuiet?: boolean } = {}): void {
    const size = o.isQuiet === true ? 9 : 10;
    for (const line of wrapped(text, { size, width: sheetWidth })) {
      const style = o.isQuiet === true ? { size, colour: quiet } : { size };
      this.#document.text(margin, this.#down(size * 1.4), line, style);
    }
    this.#y += 4;
  }

  /** What nobody may pass over. */
  warning(text: string): void {
    const lines = wrapped(text, { size: 10, width: (sheetWidth - 16) / boldFactor });
    const height = lines.length * 14 + 10;
    this.#room(height);
    const [left, right] = [margin, margin + sheetWidth];
    const [top, bottom] = [this.#y, this.#y + height];
    this.#document.area(
      [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ],
      warnSoft,
    );
    this.#y += 3;
    for (const line of lines) {
      this.#document.text(margin + 8, this.#down(14), line, { colour: warn, isBold: true });
    }
    this.#y += 14;
  }

  /** Rows under their heads; long texts go on in further lines of their row. */
  table(columns: readonly SheetColumn[], rows: readonly (readonly string[])[]): void {
    const head = (): void => {
      const y = this.#down(14);
      for (const { name, x, isRight = false } of columns) {
        this.#document.text(margin + x, y, name, { size: 9, colour: quiet, isRight });
      }
      this.#rule();
    };
    this.#room(40);
    head();
    this.#y += 3;
    for (const row of rows) {
      const cells = columns.map(({ width }, at) => wrapped(row[at] ?? "", { size: 9.5, width }));
      const lines = Math.max(1, ...cells.map((cell) => cell.length));
      if (this.#room(lines * 13 + 4)) head();
      const top = this.#y;
      columns.forEach(({ x, isRight = false }, at) => {
        cells[at]?.forEach((line, n) => {
          const y = top + 13 * (n + 1) - 2;
          this.#document.text(margin + x, y, line, { size: 9.5, isRight });
        });
      });
      this.#y = top + lines * 13 + 2;
      this.#rule();
    }
    this.#y += 4;
  }

  /** Keeps so much height free for a drawing; gives its document and the place of its top left corner. */
  figure(height: number): { document: PdfDocument; x: number; y: number; width: number } {
    this.#room(height);
    const place = { document: this.#document, x: margin, y: this.#y, width: sheetWidth };
    this.#y += height + 6;
    return place;
  }

  bytes(foot: string): Uint8Array {
    this.#document.footed(foot);
    return this.#document.bytes();
  }

  #rule(): void {
    const y = this.#y + 2;
    this.#document.line(
      [
        [margin, y],
        [margin + sheetWidth, y],
      ],
      { colour: rule, width: 0.6 },
    );
    this.#y = y + 1;
  }

  #down(height: number): number {
    this.#room(height);
    this.#y += height;
    return this.#y;
  }

  /** Whether a new page had to begin. */
  #room(height: number): boolean {
    if (this.#y + height <= pageSize.height - margin - 8) return false;
    this.#document.page();
    this.#y = margin;
    return true;
  }
}
