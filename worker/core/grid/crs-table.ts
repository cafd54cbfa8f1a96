/**
 * The projected and geographic CRSs known by EPSG code, beside the UTM zones that go by rule. Strings as PROJ 9.5.1 writes them
 * (`pyproj.CRS.from_epsg(n).to_proj4()`), the NAD83 datum given by its ellipsoid; test/parity/crs.test.ts holds each against PROJ.
 */

/** EPSG code, name, and the PROJ string without `+no_defs`. */
export type CrsRow = readonly [epsg: number, name: string, definition: string];

export const CRS_TABLE: readonly CrsRow[] = [
  [4326, "WGS 84", "+proj=longlat +datum=WGS84"],
  [4258, "ETRS89", "+proj=longlat +ellps=GRS80"],
  [4269, "NAD83", "+proj=longlat +ellps=GRS80"],
  [4283, "GDA94", "+proj=longlat +ellps=GRS80"],
  [7844, "GDA2020", "+proj=longlat +ellps=GRS80"],
  [3577, "GDA94 / Australian Albers", "+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [9473, "GDA2020 / Australian Albers", "+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [3857, "WGS 84 / Pseudo-Mercator", "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null"],
  [3395, "WGS 84 / World Mercator", "+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [6933, "WGS 84 / NSIDC EASE-Grid 2.0 Global", "+proj=cea +lat_ts=30 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [6931, "WGS 84 / NSIDC EASE-Grid 2.0 North", "+proj=laea +lat_0=90 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [6932, "WGS 84 / NSIDC EASE-Grid 2.0 South", "+proj=laea +lat_0=-90 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3031, "WGS 84 / Antarctic Polar Stereographic", "+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [
    3413,
    "WGS 84 / NSIDC Sea Ice Polar Stereographic North",
    "+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
  ],
  [
    3976,
    "WGS 84 / NSIDC Sea Ice Polar Stereographic South",
    "+proj=stere +lat_0=-90 +lat_ts=-70 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
  ],
  [3995, "WGS 84 / Arctic Polar Stereographic", "+proj=stere +lat_0=90 +lat_ts=71 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [5041, "WGS 84 / UPS North (E,N)", "+proj=stere +lat_0=90 +lon_0=0 +k=0.994 +x_0=2000000 +y_0=2000000 +datum=WGS84 +units=m"],
  [5042, "WGS 84 / UPS South (E,N)", "+proj=stere +lat_0=-90 +lon_0=0 +k=0.994 +x_0=2000000 +y_0=2000000 +datum=WGS84 +units=m"],
  [3571, "WGS 84 / North Pole LAEA Bering Sea", "+proj=laea +lat_0=90 +lon_0=180 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3572, "WGS 84 / North Pole LAEA Alaska", "+proj=laea +lat_0=90 +lon_0=-150 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3573, "WGS 84 / North Pole LAEA Canada", "+proj=laea +lat_0=90 +lon_0=-100 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3574, "WGS 84 / North Pole LAEA Atlantic", "+proj=laea +lat_0=90 +lon_0=-40 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3575, "WGS 84 / North Pole LAEA Europe", "+proj=laea +lat_0=90 +lon_0=10 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3576, "WGS 84 / North Pole LAEA Russia", "+proj=laea +lat_0=90 +lon_0=90 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
  [3112, "GDA94 / Geoscience Australia Lambert", "+proj=lcc +lat_0=0 +lon_0=134 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [
    3308,
    "GDA94 / NSW Lambert",
    "+proj=lcc +lat_0=-33.25 +lon_0=147 +lat_1=-30.75 +lat_2=-35.75 +x_0=9300000 +y_0=4500000 +ellps=GRS80 +units=m",
  ],
  [
    8058,
    "GDA2020 / NSW Lambert",
    "+proj=lcc +lat_0=-33.25 +lon_0=147 +lat_1=-30.75 +lat_2=-35.75 +x_0=9300000 +y_0=4500000 +ellps=GRS80 +units=m",
  ],
  [3111, "GDA94 / Vicgrid", "+proj=lcc +lat_0=-37 +lon_0=145 +lat_1=-36 +lat_2=-38 +x_0=2500000 +y_0=2500000 +ellps=GRS80 +units=m"],
  [7899, "GDA2020 / Vicgrid", "+proj=lcc +lat_0=-37 +lon_0=145 +lat_1=-36 +lat_2=-38 +x_0=2500000 +y_0=2500000 +ellps=GRS80 +units=m"],
  [
    2193,
    "NZGD2000 / New Zealand Transverse Mercator 2000",
    "+proj=tmerc +lat_0=0 +lon_0=173 +k=0.9996 +x_0=1600000 +y_0=10000000 +ellps=GRS80 +units=m",
  ],
  [3035, "ETRS89-extended / LAEA Europe", "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m"],
  [
    3034,
    "ETRS89-extended / LCC Europe",
    "+proj=lcc +lat_0=52 +lon_0=10 +lat_1=35 +lat_2=65 +x_0=4000000 +y_0=2800000 +ellps=GRS80 +units=m",
  ],
  [2154, "RGF93 v1 / Lambert-93", "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m"],
  [3067, "ETRS89 / TM35FIN(E,N)", "+proj=utm +zone=35 +ellps=GRS80 +units=m"],
  [3006, "SWEREF99 TM", "+proj=utm +zone=33 +ellps=GRS80 +units=m"],
  [5070, "NAD83 / Conus Albers", "+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [6350, "NAD83(2011) / Conus Albers", "+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [3338, "NAD83 / Alaska Albers", "+proj=aea +lat_0=50 +lon_0=-154 +lat_1=55 +lat_2=65 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [3005, "NAD83 / BC Albers", "+proj=aea +lat_0=45 +lon_0=-126 +lat_1=50 +lat_2=58.5 +x_0=1000000 +y_0=0 +ellps=GRS80 +units=m"],
  [3978, "NAD83 / Canada Atlas Lambert", "+proj=lcc +lat_0=49 +lon_0=-95 +lat_1=49 +lat_2=77 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [3979, "NAD83(CSRS) / Canada Atlas Lambert", "+proj=lcc +lat_0=49 +lon_0=-95 +lat_1=49 +lat_2=77 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"],
  [8857, "WGS 84 / Equal Earth Greenwich", "+proj=eqearth +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m"],
];

/** UTM zones of one datum: EPSG code = base + zone. */
export type UtmRule = {
  readonly base: number;
  readonly zones: readonly [first: number, last: number];
  readonly south: boolean;
  readonly ellipsoid: string;
  readonly name: (zone: number) => string;
};

export const UTM_RULES: readonly UtmRule[] = [
  { base: 32600, zones: [1, 60], south: false, ellipsoid: "+datum=WGS84", name: (zone) => `WGS 84 / UTM zone ${zone}N` },
  { base: 32700, zones: [1, 60], south: true, ellipsoid: "+datum=WGS84", name: (zone) => `WGS 84 / UTM zone ${zone}S` },
  { base: 26900, zones: [1, 23], south: false, ellipsoid: "+ellps=GRS80", name: (zone) => `NAD83 / UTM zone ${zone}N` },
  { base: 25800, zones: [28, 37], south: false, ellipsoid: "+ellps=GRS80", name: (zone) => `ETRS89 / UTM zone ${zone}N` },
  { base: 28300, zones: [48, 58], south: true, ellipsoid: "+ellps=GRS80", name: (zone) => `GDA94 / MGA zone ${zone}` },
  { base: 7800, zones: [46, 59], south: true, ellipsoid: "+ellps=GRS80", name: (zone) => `GDA2020 / MGA zone ${zone}` },
];
