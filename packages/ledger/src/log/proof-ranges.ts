import { assert } from "@voltfog/runtime";
import { type LeafRange, splitOf } from "./tree-hash.ts";

/** The subtrees whose hashes are the audit path of a leaf, from the leaf up (RFC 6962 §2.1.1). */
export function inclusionRanges(o: { index: number; size: number }): LeafRange[] {
  assert(isSize(o.size) && isSize(o.index) && o.index < o.size, "the leaf is in the tree");
  const path: LeafRange[] = [];
  let begin = 0;
  let end = o.size;
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (o.index < middle) {
      path.push({ begin: middle, end });
      end = middle;
    } else {
      path.push({ begin, end: middle });
      begin = middle;
    }
  }
  return path.reverse();
}

/** The subtrees whose hashes prove that the smaller tree begins the larger one (RFC 6962 §2.1.2). */
export function consistencyRanges(o: { from: number; to: number }): LeafRange[] {
  assert(isSize(o.from) && isSize(o.to) && o.from <= o.to, "the earlier tree is not larger");
  if (o.from === 0 || o.from === o.to) return [];
  const path: LeafRange[] = [];
  let begin = 0;
  let end = o.to;
  while (end !== o.from) {
    const middle = begin + splitOf(end - begin);
    if (o.from <= middle) {
      path.push({ begin: middle, end });
      end = middle;
    } else {
      path.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The verifier knows the whole earlier tree's hash, but not that of a part of it.
  if (begin > 0) path.push({ begin, end });
  return path.reverse();
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
