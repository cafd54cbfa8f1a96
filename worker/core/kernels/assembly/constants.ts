// Numbers that several kernels share; ../kernel-constants.ts has the same.

export const SNAP: f64 = 1e-6;
export const THINNEST: f64 = 1e-5;
export const ABSENT: u32 = 65536;

/** Bytes that one deflate block holds, its codes made for them. */
export const SEGMENT: i32 = 131072;
/** Bits of the longest code: four and the 7 bits that wait for their byte's last fit in 64. */
export const LONGEST_CODE: i32 = 14;
