// Numbers that several kernels share; ../kernel-constants.ts has the same.

export const SNAP: f64 = 1e-6;
export const ABSENT: u32 = 65536;
