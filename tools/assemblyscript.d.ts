// What build_motion.mjs uses of the compiler, which is installed only to build.
declare module 'assemblyscript/asc' {
  const asc: {
    main(
      args: readonly string[],
      options: { writeFile(name: string, contents: Uint8Array | string): void },
    ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
  };
  export default asc;
}
