"""How far apart the centres of output pixels lie in a source image: what decides bilinear's and cubic's filters, and which overview is read."""
import rasterio
from rasterio.warp import transform as transform_points


def source_step(source, geobox):
    """Source pixels an output pixel along the image's x and y, measured at the image's middle, as GDAL does with XSCALE=FROM_GRID_SAMPLING."""
    grid, crs = geobox.transform, str(geobox.crs)
    if source.crs == rasterio.crs.CRS.from_user_input(crs) and source.transform.is_rectilinear:
        return abs(grid.a / source.transform.a), abs(grid.e / source.transform.e)
    (x,), (y,) = transform_points(source.crs, crs, *zip(source.transform * (source.width / 2, source.height / 2)))
    col, row = ~grid * (x, y)
    corners = [grid * place for place in ((col, row), (col + 1, row), (col, row + 1))]
    xs, ys = transform_points(crs, source.crs, *zip(*corners))
    (px, py), (qx, qy), (rx, ry) = [~source.transform * place for place in zip(xs, ys)]
    return max(abs(qx - px), abs(rx - px)), max(abs(qy - py), abs(ry - py))


def filter_scale(step):
    """XSCALE or YSCALE by GDAL's rule: 1 over the step, which counts as whole within 0.05; never above 1."""
    if step <= 1:
        return 1.0
    whole = int(step + 0.5)
    return 1 / (whole if abs(step - whole) < 0.05 else step)


def warp_options(source, geobox):
    """Words of WarpedVRT that fix the filters for the whole image; by default GDAL guesses them anew for each chunk."""
    x, y = source_step(source, geobox)
    return {"XSCALE": repr(filter_scale(x)), "YSCALE": repr(filter_scale(y))}


def open_source(href, geobox, overviews):
    """The image; where `overviews`, its coarsest overview that is finer than the output, or nearly as coarse (gdalwarp's -ovr AUTO)."""
    source = rasterio.open(href)
    if not overviews:
        return source
    finest = min(source_step(source, geobox))
    levels = [level for level, factor in enumerate(source.overviews(1)) if factor < finest + 0.1]
    if not levels:
        return source
    source.close()
    return rasterio.open(href, overview_level=levels[-1])
