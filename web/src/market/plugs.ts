/** Plug types by their numbers on the chain. */
const plugNames: Readonly<Record<number, string>> = {
  1: "Type 2",
  2: "CCS 2",
  3: "CHAdeMO",
  4: "Type 1",
  5: "GB/T AC",
  6: "GB/T DC",
  7: "household",
};

export function plugName(plugType: number): string {
  return plugNames[plugType] ?? `plug ${plugType}`;
}
