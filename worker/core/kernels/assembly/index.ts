// The kernels, in AssemblyScript (compiled by scripts/compile-kernels.ts to build/kernels.wasm).
// What each one does, its shapes and polarity: ../kernels.ts. The plain twin: ../typescript/; kernels.test.ts holds
// both equal, bit for bit, so every change here is made there too, with the same order of operations.
// There is no heap and no global: all state lies in the imported shared memory, at the addresses given.

export * from "./decode";
export * from "./gather";
export * from "./coordinates";
export * from "./warp";
export * from "./interpolate";
export * from "./index-planes";
export * from "./reduce";
export * from "./median";
export * from "./encode";
export * from "./deflate";
