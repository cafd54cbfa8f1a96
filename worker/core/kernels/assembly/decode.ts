// TIFF predictors undone.

export function undoPredictor16(ptr: usize, rows: i32, cols: i32, samples: i32): void {
  if (samples != 1) {
    const rowSamples = cols * samples;
    for (let y = 0; y < rows; y++) {
      const row = ptr + ((<usize>(y * rowSamples)) << 1);
      for (let i = samples; i < rowSamples; i++) {
        const at = row + ((<usize>i) << 1);
        store<u16>(at, load<u16>(at) + load<u16>(at - ((<usize>samples) << 1)));
      }
    }
    return;
  }
  const zero = i16x8.splat(0);
  for (let y = 0; y < rows; y++) {
    let at = ptr + ((<usize>(y * cols)) << 1);
    let carry = i16x8.splat(0);
    let x = 0;
    for (; x + 8 <= cols; x += 8) {
      let v = v128.load(at);
      v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 8, 9, 10, 11, 12, 13, 14));
      v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 1, 8, 9, 10, 11, 12, 13));
      v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 1, 2, 3, 8, 9, 10, 11));
      v = i16x8.add(v, carry);
      v128.store(at, v);
      carry = i16x8.splat(i16x8.extract_lane_s(v, 7));
      at += 16;
    }
    let last = i16x8.extract_lane_u(carry, 0);
    for (; x < cols; x++) {
      last = load<u16>(at) + last;
      store<u16>(at, last);
      at += 2;
    }
  }
}

export function undoPredictor8(ptr: usize, rows: i32, cols: i32, samples: i32): void {
  const rowSamples = cols * samples;
  for (let y = 0; y < rows; y++) {
    const row = ptr + <usize>(y * rowSamples);
    for (let i = samples; i < rowSamples; i++) {
      const at = row + <usize>i;
      store<u8>(at, load<u8>(at) + load<u8>(at - <usize>samples));
    }
  }
}

export function undoPredictor32(ptr: usize, rows: i32, cols: i32, samples: i32): void {
  const rowSamples = cols * samples;
  for (let y = 0; y < rows; y++) {
    const row = ptr + ((<usize>(y * rowSamples)) << 2);
    for (let i = samples; i < rowSamples; i++) {
      const at = row + ((<usize>i) << 2);
      store<u32>(at, load<u32>(at) + load<u32>(at - ((<usize>samples) << 2)));
    }
  }
}
