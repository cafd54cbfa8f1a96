import { expect, test } from "vitest";
import { layoutPicture } from "./picture-layout.ts";

test.each([
  [99, 121],
  [5000, 20],
  [20, 5000],
  [1, 1],
  [2300, 2000],
])("the map of %d x %d pixels is inside the panel and the panel inside the picture", (width, height) => {
  const { map, panel, ...rest } = layoutPicture({ raster: { width, height, data: new Float32Array() }, resolution: [30, 30] });
  expect(rest.width).toBe(1200);
  expect(map.x >= panel.x && map.y >= panel.y).toBe(true);
  expect(map.x + map.width <= panel.x + panel.width && map.y + map.height <= panel.y + panel.height).toBe(true);
  expect(panel.y + panel.height < rest.footerY && rest.footerY < rest.height).toBe(true);
});
