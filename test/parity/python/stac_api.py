#!/usr/bin/env python3
"""A STAC API over the items of a file: stac-fastapi's own routes and checks, with the items in memory.

    stac_api.py ITEMS.json [--page 10] [--only-get]

Serves on a free port of loopback and prints its address. Pages by token, as links by GET or POST. With --only-get the landing page
offers no search by POST. Searches by collections, ids, bbox (of the items' own) and datetime; the words of query and filter are not
known to it, as to any API without those extensions.
"""
import argparse
import datetime
import json
import socket

import attr
import uvicorn
from stac_fastapi.api.app import StacApi
from stac_fastapi.types.config import ApiSettings
from stac_fastapi.types.core import BaseCoreClient
from stac_fastapi.types.rfc3339 import str_to_interval
from stac_fastapi.types.search import BaseSearchPostRequest
from stac_pydantic.shared import BBox


class PostRequest(BaseSearchPostRequest):
    token: int = 0


def moment(item):
    return datetime.datetime.fromisoformat(item["properties"]["datetime"].replace("Z", "+00:00"))


def meets(item, collections, ids, bbox, interval):
    """Whether an item is asked for. `bbox` west, south, east, north; `interval` (start or None, end or None), both inclusive."""
    if collections and item["collection"] not in collections or ids and item["id"] not in ids:
        return False
    if bbox:
        west, south, east, north = item["bbox"]
        if west > bbox[2] or east < bbox[0] or south > bbox[3] or north < bbox[1]:
            return False
    start, end = interval or (None, None)
    return (start is None or moment(item) >= start) and (end is None or moment(item) <= end)


@attr.s
class Items(BaseCoreClient):
    items = attr.ib(factory=list)
    page_size = attr.ib(default=10)
    only_get = attr.ib(default=False)

    def landing_page(self, **kwargs):
        page = super().landing_page(**kwargs)
        if self.only_get:
            page["links"] = [link for link in page["links"] if link.get("method") != "POST"]
        return page

    def page(self, found, token, limit, next_link):
        end = token + (limit or self.page_size)
        links = [next_link(end)] if end < len(found) else []
        return {"type": "FeatureCollection", "features": found[token:end], "links": links, "numberMatched": len(found)}

    def get_search(self, collections=None, ids=None, bbox: BBox | None = None, datetime=None, limit=None, **kwargs):
        request = kwargs["request"]
        token = int(request.query_params.get("token", 0))
        interval = str_to_interval(datetime) if datetime else None
        found = [item for item in self.items if meets(item, collections, ids, bbox, interval)]
        size = self.page_size if "limit" not in request.query_params else limit
        return self.page(found, token, size, lambda end: {"rel": "next", "href": str(request.url.include_query_params(token=end))})

    def post_search(self, search_request, **kwargs):
        asked = search_request
        interval = (asked.start_date, asked.end_date)
        found = [item for item in self.items if meets(item, asked.collections, asked.ids, asked.bbox, interval)]
        size = asked.limit if "limit" in asked.model_fields_set else self.page_size
        link = {"rel": "next", "href": str(kwargs["request"].url), "method": "POST", "merge": True}
        return self.page(found, asked.token, size, lambda end: {**link, "body": {"token": end}})

    def all_collections(self, **kwargs):
        return {"collections": [], "links": []}

    def get_item(self, item_id, collection_id, **kwargs):
        raise NotImplementedError

    def get_collection(self, collection_id, **kwargs):
        raise NotImplementedError

    def item_collection(self, collection_id, **kwargs):
        raise NotImplementedError


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("items")
    parser.add_argument("--page", type=int, default=10)
    parser.add_argument("--only-get", action="store_true")
    options = parser.parse_args()
    with open(options.items) as file:
        items = json.load(file)["features"]
    client = Items(items=items, page_size=options.page, only_get=options.only_get)
    api = StacApi(settings=ApiSettings(), client=client, search_post_request_model=PostRequest)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(api.app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
