/** The part of the WebAssembly API that is used; TypeScript has it only in its DOM library, which is not wanted here. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    static exports(module: Module): { name: string; kind: string }[];
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: boolean });
    readonly buffer: SharedArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory; abort: () => never } });
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
