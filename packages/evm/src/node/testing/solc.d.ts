/** The part of solc's interface that is used; the package brings no types. */
declare module "solc" {
  const solc: {
    version(): string;
    /** Standard JSON in and out. */
    compile(
      input: string,
      callbacks: {
        import(path: string): { contents: string } | { error: string };
      },
    ): string;
  };
  export default solc;
}
