/** The lowest Node that the product runs on. */
const least = [20, 19];

/** What to tell someone whose Node is too old; undefined when it is new enough. */
export function nodeVersionComplaint(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > least[0] || (major === least[0] && minor >= least[1]);
  if (isEnough) return undefined;
  return `Voltfog needs Node ${least.join(".")} or newer, this is ${version}; install it from https://nodejs.org and try again`;
}
