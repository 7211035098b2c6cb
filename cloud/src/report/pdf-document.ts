import { literal, textWidth } from "./pdf-text.ts";

/** Red, green, blue from 0 to 1. */
export type Colour = readonly [number, number, number];

interface TextStyle {
  readonly size?: number;
  readonly isBold?: boolean;
  readonly colour?: Colour;
  /** The place is the text's right end. */
  readonly isRight?: boolean;
}

const black: Colour = [0.09, 0.13, 0.12];

/** A4 in points. */
export const pageSize = { width: 595, height: 842 } as const;

/**
 * A PDF 1.4 file of text, lines and areas in one file of plain objects (ISO 32000-1, 7.5). Places count from
 * the page's top left corner, in points. The same calls give the same bytes. Text is text: readers can select
 * and search it.
 */
export class PdfDocument {
  readonly #pages: string[][] = [];
  readonly #title: string;
  readonly #made_ms: number;

  constructor(o: { title: string; made_ms: number }) {
    this.#title = o.title;
    this.#made_ms = o.made_ms;
    this.page();
  }

  get pages(): number {
    return this.#pages.length;
  }

  /** What follows is on a new page. */
  page(): void {
    this.#pages.push([]);
  }

  text(x: number, y: number, text: string, style: TextStyle = {}): void {
    const { size = 10, isBold = false, colour = black, isRight = false } = style;
    const left = isRight ? x - textWidth(text, size) : x;
    const font = isBold ? "/F2" : "/F1";
    this.#draw(
      `BT ${font} ${short(size)} Tf ${fill(colour)} ${place(left, y)} Td ${literal(text)} Tj ET`,
    );
  }

  line(
    points: readonly (readonly [number, number])[],
    o: { colour?: Colour; width?: number; dash?: string } = {},
  ): void {
    if (points.length < 2) return;
    const { colour = black, width = 1, dash = "[]" } = o;
    const path = points.map(([x, y], at) => `${place(x, y)} ${at === 0 ? "m" : "l"}`).join(" ");
    this.#draw(`q ${colour.map(short).join(" ")} RG ${short(width)} w ${dash} 0 d ${path} S Q`);
  }

  area(points: readonly (readonly [number, number])[], colour: Colour): void {
    if (points.length < 3) return;
    const path = points.map(([x, y], at) => `${place(x, y)} ${at === 0 ? "m" : "l"}`).join(" ");
    this.#draw(`q ${fill(colour)} ${path} f Q`);
  }

  /** Ends every page with a line of text and its number. */
  footed(text: string): void {
    const colour: Colour = [0.32, 0.38, 0.36];
    this.#pages.forEach((_page, at) => {
      const y = pageSize.height - 28;
      this.#drawOn(at, `BT /F1 8 Tf ${fill(colour)} ${place(48, y)} Td ${literal(text)} Tj ET`);
      const number = `${at + 1} / ${this.#pages.length}`;
      const left = pageSize.width - 48 - textWidth(number, 8);
      this.#drawOn(at, `BT /F1 8 Tf ${fill(colour)} ${place(left, y)} Td ${literal(number)} Tj ET`);
    });
  }

  bytes(): Uint8Array {
    const font = (name: string): string =>
      `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
    const first = 6;
    const kids = this.#pages.map((_page, at) => `${first + 2 * at} 0 R`).join(" ");
    const objects = [
      "<< /Type /Catalog /Pages 2 0 R /Lang (en) /ViewerPreferences << /DisplayDocTitle true >> >>",
      `<< /Type /Pages /Count ${this.#pages.length} /Kids [${kids}] >>`,
      font("Helvetica"),
      font("Helvetica-Bold"),
      `<< /Title ${literal(this.#title)} /Producer (Voltfog) /CreationDate ${dateOf(this.#made_ms)} >>`,
      ...this.#pages.flatMap((drawn, at) => {
        const content = drawn.join("\n");
        const box = `[0 0 ${pageSize.width} ${pageSize.height}]`;
        return [
          `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${first + 2 * at + 1} 0 R >>`,
          `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
        ];
      }),
    ];
    return fileOf(objects);
  }

  #draw(operator: string): void {
    this.#drawOn(this.#pages.length - 1, operator);
  }

  #drawOn(at: number, operator: string): void {
    this.#pages[at]?.push(operator);
  }
}

/** Objects with the table of where each begins; everything in it is one byte a character. */
function fileOf(objects: readonly string[]): Uint8Array {
  let file = "%PDF-1.4\n";
  const starts = objects.map((body, at) => {
    const start = file.length;
    file += `${at + 1} 0 obj\n${body}\nendobj\n`;
    return start;
  });
  const table = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const start of starts) file += `${String(start).padStart(10, "0")} 00000 n \n`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Uint8Array.from(file, (sign) => sign.charCodeAt(0));
}

/** PDF counts from the lower left corner. */
function place(x: number, y: number): string {
  return `${short(x)} ${short(pageSize.height - y)}`;
}

function fill(colour: Colour): string {
  return `${colour.map(short).join(" ")} rg`;
}

function short(value: number): string {
  return Number(value.toFixed(2)).toString();
}

function dateOf(time_ms: number): string {
  const digits = new Date(time_ms).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  return `(D:${digits}Z)`;
}
