/** `T` with every property and every list read-only, all the way down. A parsed manifest is never changed. */
export type DeepReadonly<T> = T extends (infer _Item)[] | object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
