import type uPlot from "uplot";

/** The present theme's value of a custom property, such as "--series-1". */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** How every axis looks. */
export function axisLook(): Pick<uPlot.Axis, "stroke" | "grid"> {
  return { stroke: colourOf("--quiet"), grid: { stroke: colourOf("--line"), width: 1 } };
}

/** Draws over the lines, nothing of it beyond the axes. */
export function drawInside(plot: uPlot, draw: () => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  // What the axes were drawn with last is still set.
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** A stretch without data as a band with its cause; no line joins across it. */
export function drawGap(
  plot: uPlot,
  gap: { readonly from_ms: number; readonly to_ms: number; readonly words: string },
): void {
  const { ctx, bbox } = plot;
  const left = plot.valToPos(gap.from_ms / 1000, "x", true);
  const right = plot.valToPos(gap.to_ms / 1000, "x", true);
  ctx.fillStyle = colourOf("--warn-soft");
  ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  // A narrow band's cause is in the page's words alone: here it would cover the next one's.
  if (ctx.measureText(gap.words).width + 8 > right - left) return;
  ctx.fillStyle = colourOf("--warn");
  ctx.fillText(gap.words, left + 4, bbox.top + 14);
}

/** A limit as a dashed line with its name. */
export function drawThreshold(
  plot: uPlot,
  threshold: { readonly label: string; readonly value: number },
): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(threshold.value, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.strokeStyle = colourOf("--bad");
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.fillStyle = colourOf("--bad");
  ctx.fillText(threshold.label, bbox.left + 4, y - 4);
}
