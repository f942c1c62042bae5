"""How gauges show: the last word of each, its flags and the last mark crossed."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Projections, fields, plain, time
from streams import events as e


def _judged(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("gauge", body.station)
    before = standing[0] if standing else {"id": body.station}
    news = fields(body, "station", "flags")
    flags = ([plain(flag) for flag in body.flags] + before.get("flags", []))[:10]
    if body.level is None:
        news = {name: news[name] for name in ("accepted", "repeated", "late", "flagged") if name in news}
    else:
        news["rate_per_hour"] = body.rate_per_hour
    value = {**before, **news, "flags": flags, "heard_at": plain(event.seen)}
    yield Change("gauge", body.station, value, event.audience)


def _crossed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("gauge", body.station)
    before = standing[0] if standing else {"id": body.station}
    crossed = {"mark": body.mark, "direction": body.direction, "at": time(event), "value": body.value}
    news = {"name": body.station_name, "river": body.river, "lon": body.lon, "lat": body.lat, "crossed": crossed}
    yield Change("gauge", body.station, {**before, **news}, event.audience)


PROJECTIONS: Projections = {
    e.ReadingsJudged: _judged,
    e.LevelCrossed: _crossed,
}
