# ruff: noqa: E501 - one row a line is what makes this a table that can be read
"""List every way a request can be refused: one table from which answers and `docs/errors.md` are made.

You are beside `errors`, which turns a row of this table into a problem document. A code is for programs and never
changes; the title is the same for every case of a code; `next` tells a person what to do. Lower floors raise
`Rejected(code, detail)` with codes from here too: those that meet nobody at the door end in the dead letters.
"""

from typing import Final

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What a code means: the HTTP status it is answered with, its title, and what to do next."""

    status: int
    title: str
    next: str


def _row(status: int, title: str, advice: str) -> Problem:
    return Problem(status=status, title=title, next=advice)


PROBLEMS: Final[dict[str, Problem]] = {
    # The request as bytes.
    "bad-request": _row(400, "The request is not valid HTTP for this server", "Correct the request; it is not worth repeating."),
    "not-utf8": _row(400, "The body is not UTF-8", "Send the text encoded as UTF-8, without lone surrogates."),
    "not-json": _row(400, "The body is not JSON", "Send one JSON value. NaN, Infinity and comments are not JSON."),
    "not-a-form": _row(400, "The body is not a form", "Send application/x-www-form-urlencoded, each field once."),
    "json-too-deep": _row(400, "The JSON is nested too deeply", "Send what the schema at /docs shows; nothing here is nested deeply."),
    "duplicate-keys": _row(400, "A JSON object has the same key twice", "Send each key once: which value was meant cannot be known."),
    "number-out-of-range": _row(400, "A JSON number is too large", "Send numbers that fit 64-bit integers or double precision."),
    "body-too-large": _row(413, "The body is too large", "Split it. DHARURA_MAX_BODY_BYTES on the server sets the limit."),
    "batch-too-large": _row(413, "The batch has too many items", "Split it. DHARURA_MAX_BATCH on the server sets the limit."),
    "too-large": _row(413, "An event is too large for the log", "Split it: one event may be 4 MiB with everything around it."),
    "body-too-slow": _row(408, "The body did not arrive in time", "Send it again, in smaller pieces where the network is slow."),
    "unsupported-media-type": _row(415, "The body is of the wrong media type", "Send the Content-Type that /docs shows for this address."),
    "method-not-allowed": _row(405, "This address does not take that method", "Use one of the methods in the Allow header."),
    "range-not-satisfiable": _row(416, "The file has no such part", "Ask for one range of bytes within the file's length."),
    # The request as values.
    "invalid-body": _row(422, "A field of the request is not valid", "Correct the fields listed under `errors`. Nothing was changed."),
    "invalid-parameter": _row(422, "A parameter of the address is not valid", "Correct the parameters listed under `errors`."),
    "rejected": _row(422, "The request was refused", "Read `detail`; sending the same again will not work."),
    "area-malformed": _row(422, "That is not an area", "Write an area path, as KE.042 or KE.042.238.1189."),
    "area-unknown": _row(422, "There is no such area", "Use an area path from /wards, as KE.042 or KE.042.238.1189."),
    "person-unknown": _row(422, "There is no such person", "Use an id from /responders."),
    "station-unknown": _row(422, "There is no such station", "Register the station with its marks and datum first."),
    "gauge-unknown": _row(422, "There is no such gauge on the rivers known here", "Use a gauge of /gauges."),
    # Positions.
    "position-missing": _row(422, "There is no position", "Send both lon and lat, or a place in words."),
    "position-not-a-number": _row(422, "A coordinate is not a number", "Send lon and lat as finite decimal degrees."),
    "position-out-of-range": _row(422, "A coordinate is out of range", "Longitude is -180 to 180, latitude -90 to 90."),
    "position-null-island": _row(422, "The position is 0, 0", "The device had no fix. Leave the position out, or send a real one."),
    "position-swapped": _row(422, "Longitude and latitude seem to be swapped", "Check them: Kenya is at lon 33.9 to 41.9, lat -4.8 to 5.5."),
    "position-outside": _row(422, "The position lies abroad, or in no ward", "Check it. For a place on our waters, name the ward that answers for it. A report from there is kept and waits for an operator."),
    "plus-code-malformed": _row(422, "That is no short Plus code", "Write it as WQ56+8M, with the place beside it."),
    "kind-unknown": _row(422, "There is no such kind of place here", "Use `responder`, or a kind that `detail` names: they come from the place names of this node."),
    "ward-unknown": _row(422, "There is no such ward", "Use a ward of /wards: boundaries of another version may name others."),
    # Areas that somebody drew.
    "area-not-an-area": _row(422, "That is no area", "Send a GeoJSON Polygon or MultiPolygon, or a circle."),
    "area-not-a-number": _row(422, "A coordinate of the area is not a number", "Send every position as two finite decimal degrees, longitude first."),
    "area-empty": _row(422, "The area holds nothing", "Draw a ring of three corners or more, or a circle with a radius."),
    "area-self-crossing": _row(422, "The border of the area crosses itself", "Draw it again around one inside; `detail` says where it crosses."),
    "area-hole-outside": _row(422, "A hole lies outside its area", "Leave the hole out, or draw it inside."),
    "area-outside": _row(422, "The area is not near Kenya", "Check it: Kenya is at lon 33.9 to 41.9, lat -4.8 to 5.5."),
    "area-swapped": _row(422, "Longitude and latitude of the area seem to be swapped", "Send longitude first, as GeoJSON has it."),
    "area-too-large": _row(422, "The area is too large", "Draw a part of it, or name counties."),
    "area-too-many-vertices": _row(422, "The area has too many positions", "Simplify its border; 20,000 positions are read."),
    "fence-invalid": _row(422, "That is no fence", "Give enter_m, exit_m and dwell_s of 0 or more."),
    "geometry-invalid": _row(422, "That outline cannot be used", "Draw it again: around an inside, without crossing itself."),
    "area-wrong-crs": _row(422, "The area is in another reference system", "Send longitude and latitude in WGS 84, as RFC 7946 asks."),
    # Times.
    "time-not-readable": _row(422, "The time cannot be read", "Send RFC 3339 with an offset, as 2026-04-26T14:05:00Z."),
    "time-in-future": _row(422, "The time lies in the future", "Set the device's clock; a few minutes' difference is allowed."),
    "time-not-plausible": _row(422, "The time is not plausible", "Set the device's clock."),
    # Readings.
    "reading-unit": _row(422, "The unit does not fit the station", "Send the unit the station is registered with."),
    "reading-datum": _row(422, "The datum does not fit the station", "Send the level against the station's registered datum."),
    "readings-uneven": _row(422, "Times and values do not go together", "Send one value, or null, for each time."),
    # Words.
    "text-empty": _row(422, "There is no text", "Say in a few words what happened and where."),
    # Accounts.
    "name-malformed": _row(422, "That cannot be a sign-in name", "Use 2 to 64 of a-z, 0-9 and . _ @ + -."),
    "password-weak": _row(422, "The password is too weak", "Take a longer one; a few words are good."),
    # Who is asking.
    "unauthenticated": _row(401, "You are not signed in", "Sign in at POST /sessions and send the token as `Authorization: Bearer`."),
    "token-expired": _row(401, "The token is over", "Get a new one at POST /sessions/refresh."),
    "session-over": _row(401, "The session is over", "Sign in again at POST /sessions."),
    "login-failed": _row(401, "The name or the password is wrong", "Try again, or ask an administrator of your area."),
    "setup-link-spent": _row(401, "The set-up link is not valid", "Restart the server for a new one, if there is no account yet."),
    "intake-key-wrong": _row(401, "The intake key is missing or wrong", "Send DHARURA_INTAKE_KEY's value as `Authorization: Bearer`."),
    "forbidden": _row(403, "You may not do this", "Ask an administrator of the area for the role it needs."),
    "origin-not-allowed": _row(403, "Pages of this origin may not call", "Add the origin to DHARURA_ALLOWED_ORIGINS on the server."),
    "not-found": _row(404, "There is nothing here that you can see", "Check the address and that your role covers the area."),
    "password-differs": _row(422, "The two passwords differ", "Type the same one twice."),
    # Official warnings.
    "cap-unreadable": _row(422, "That is no CAP message", "Send one CAP 1.2 (or 1.1, 1.0) message as XML, without a document type."),
    "cap-invalid": _row(422, "The CAP message breaks the rules of CAP", "Correct what `detail` names; it was not issued."),
    # Live sockets.
    "token-in-url": _row(400, "A token stood in the address", "Send it in the first frame, and sign out: the old one may be in a log."),
    "frame-not-understood": _row(400, "A frame could not be understood", "Send frames as the AsyncAPI document shows them."),
    "position-not-understood": _row(400, "The stream position could not be understood", "Send back a position as it was given, or none for a snapshot."),
    "position-in-future": _row(400, "The stream position lies ahead of the stream", "Ask without a position: a snapshot comes."),
    # What stands in the way.
    "conflict": _row(409, "Something else came first", "Read the present state and decide again."),
    "claimed": _row(409, "Another operator works on this", "Ask them, wait until then, or take it over: claim it with `take_over` (`dharura send claim ID --take-over`)."),
    "reporter-unreachable": _row(409, "The reporter left no phone number", "Place the report by its words, or wait until they report again."),
    "name-taken": _row(409, "The name is taken", "Choose another name."),
    "person-taken": _row(409, "Another account is this person's", "Disable that account first, or use it."),
    "last-administrator": _row(409, "This would leave nobody to administer", "Give another account the role first."),
    "version-stale": _row(412, "It was changed since you read it", "Read it again and repeat the change with its present version."),
    "assignment-taken": _row(409, "Another person took the assignment", "Nothing to do: you will not be asked for it again."),
    "nothing-open": _row(409, "There is no open request for you", "Nothing to do: you will be asked again when you are needed."),
    "already-done": _row(409, "You have finished this already", "Nothing to do."),
    "incident-closed": _row(409, "The incident is closed", "Open a new report if it has come back."),
    "incident-merged": _row(409, "The incident was merged into another", "Use the incident named in `detail`."),
    "alert-state": _row(409, "The warning is not in a state for that", "Read the alert: it was issued, followed or ended since."),
    "alert-over": _row(409, "The alert has ended", "Draft a new one: an issued alert is never changed."),
    # Files that are given to the command line.
    "boundaries-unreadable": _row(422, "The boundary file cannot be read", "Give one file that GDAL/OGR reads, holding the data itself."),
    "boundaries-too-large": _row(422, "The boundary file is too large", "Simplify the shapes, or give one county's part."),
    "boundaries-no-areas": _row(422, "The boundary file holds no areas", "Give a layer of polygons."),
    "boundaries-no-names": _row(422, "The boundary file has no column of ward names", "Say which column holds them."),
    "boundaries-unknown-column": _row(422, "There is no such column", "Name a column of the file, as `detail` lists them."),
    "boundaries-many-layers": _row(422, "The boundary file has several layers", "Say which layer to read."),
    "boundaries-no-crs": _row(422, "The boundary file does not say its reference system", "Name it, as EPSG:4326."),
    "boundaries-wrong-crs": _row(422, "The boundary file is not in the reference system it names", "Name the right one."),
    "boundaries-not-kept": _row(422, "The prepared file did not read back as it was written", "Check the disk and import again."),
    "boundary-version-unknown": _row(422, "That boundary version is not kept here", "`dharura wards list` names those that are; import the others again."),
    "boundary-nothing-before": _row(409, "There is no boundary version to go back to", "`dharura wards list` names those that are kept; activate one."),
    "boundary-store-damaged": _row(422, "A kept boundary version is damaged", "Restore the last backup, or import the boundaries again."),
    "codes-unreadable": _row(422, "The code table cannot be read", "Give a CSV with columns ward, constituency and codes, as code_2022."),
    "wards-file-damaged": _row(422, "The prepared ward file is damaged or of another version", "Import the boundaries again."),
    "rivers-invalid": _row(422, "The rivers of the file are not valid", "Correct what `detail` names."),
    "places-unreadable": _row(422, "The places file cannot be read", "Give a CSV, a GeoNames dump or what GDAL/OGR reads, holding the data itself."),
    "places-too-large": _row(422, "The places file is too large", "Give the county's part, or Kenya's."),
    "places-empty": _row(422, "The places file holds no places", "Give a file with a header line and rows, or look at why its rows were skipped."),
    "places-no-names": _row(422, "The places file has no column of names", "Say which column holds them: `--map name=COLUMN`."),
    "places-no-positions": _row(422, "The places file has no positions", "Say which columns hold them: `--map lon=COLUMN,lat=COLUMN`."),
    "places-unknown-column": _row(422, "There is no such column", "Name a column of the file, as `detail` lists them."),
    "places-many-layers": _row(422, "The places file has several layers", "Say which layer to read."),
    "places-no-crs": _row(422, "The places file does not say its reference system", "Name it, as EPSG:4326."),
    "places-no-source": _row(422, "Nobody says whom these names are owed to", "Say it: `--source WORDS` and `--licence WORDS`, as the file's makers wish to be named."),
    "places-set-name": _row(422, "That cannot name a set of places", "Use 1 to 64 of a-z, 0-9, - and _: `--name NAME`."),
    "places-set-unknown": _row(422, "There is no such set of places", "Name one that `dharura places list` shows."),
    "places-set-damaged": _row(422, "A kept set of places is damaged", "Import its file again, or take it away: `dharura places remove NAME`."),
    "places-wrong-crs": _row(422, "The places file is not in the reference system it names", "Name the right one, as EPSG:21037."),
    "no-table": _row(422, "There is nothing to look up", "Give a position, words, or a CSV file with a header line."),
    "no-column": _row(422, "The table has no such column", "Name a column of the table, as `detail` lists them."),
    "no-data": _row(404, "There is no data folder yet", "Give --data or DHARURA_DATA, or start `dharura serve` once."),
    "station-invalid": _row(422, "A station of the file is not valid", "Correct what `detail` names."),
    "plan-invalid": _row(422, "The plan is not valid", "Correct what `detail` names."),
    "backup-exists": _row(409, "There is a file in the way", "Give another name; nothing is overwritten."),
    "data-older": _row(
        409,
        "What is kept here is another version's",
        "Start the version that made it, or restore a backup of this one; what was logged is untouched.",
    ),
    "topic-partitions": _row(409, "A topic has another number of partitions", "Use another DHARURA_TOPIC_PREFIX, or delete the topic if it holds nothing that is needed."),
    "too-few-brokers": _row(409, "There are fewer brokers than copies are wanted", "Start more brokers, or lower DHARURA_KAFKA_REPLICATION."),
    "agencies-invalid": _row(422, "The file of agencies cannot be used", "Correct what `detail` names; docs/agencies.md shows a file."),
    "no-access-rules": _row(409, "The brokers check no access rules", "Set authorizer.class.name on every broker, or leave DHARURA_AGENCIES unset."),
    "kafka-address-invalid": _row(422, "That is no address of Kafka", "Give host:port,host:port."),
    "tls-unusable": _row(422, "Certificates for Kafka cannot be used", "Check the files that DHARURA_KAFKA_CA, _CERTIFICATE and _KEY name."),
    "topics-missing": _row(409, "Kafka lacks topics of the cluster", "Run `dharura topics apply`, or start with --make-topics."),
    "in-a-cluster": _row(409, "The data are in a cluster", "Ask a node, or use PostgreSQL's own tools; docs/operations.md says how."),
    "data-moved": _row(409, "This folder's log was moved to a cluster", "Work there; --anyway starts on the folder, but nobody brings the two together again."),
    "move-unfinished": _row(409, "A log is being moved into this database", "Run `dharura migrate` again until it is done."),
    "cluster-at-work": _row(409, "The cluster is at work", "Stop every node and worker; their leases run out within ten seconds."),
    "target-in-use": _row(409, "The cluster holds another log", "Give an empty database and topics: --database, DHARURA_TOPIC_PREFIX."),
    "mirrored": _row(409, "Another system decides about this", "Decide it in the system that `detail` names."),
    "mirror-invalid": _row(422, "That cannot be mirrored so", "Correct what `detail` names."),
    "contract-newer": _row(422, "The event is of a newer contract than this release reads", "Bring workers to the release that wrote it, then replay the dead letter."),
    "row-unreadable": _row(422, "A row of the log cannot be read", "Find out from `detail` whether a newer release wrote it, which then is to be used again, or the database is damaged."),
    "wrong-topic": _row(422, "The event stands in another topic than its own", "Find out who wrote it there; nothing was done with it."),
    "world-differs": _row(
        409,
        "This process knows another world than its cluster",
        "Give it the cluster's boundaries, places, stations and plan, or have the cluster take its: `dharura cluster world --accept`.",
    ),
    "backup-unusable": _row(422, "The backup cannot be used", "Take another backup: this one is damaged or no backup."),
    # Not now.
    "too-many-requests": _row(429, "Too many requests", "Wait as long as Retry-After says."),
    "too-many-sockets": _row(503, "This node holds as many sockets as it can", "Try again after Retry-After."),
    "storage-full": _row(503, "The server's disk is full", "Nothing was accepted. Try again after Retry-After; free disk space on the server."),
    "storage-busy": _row(503, "The server's database is busy", "Nothing was accepted. Try again after Retry-After."),
    "log-unavailable": _row(503, "Kafka does not take events now", "Try again after Retry-After, with the same ids: what was given up may have arrived all the same."),
    "storage-broken": _row(503, "The server cannot write to its disk", "Nothing was accepted. Check the server's disk, then try again."),
    "not-ready": _row(503, "The server is not ready", "Try again after Retry-After; /readyz says what it waits for."),
    "internal": _row(500, "Something went wrong here", "Try again. If it stays, give the `instance` of this answer to whoever runs the server."),
}  # fmt: skip
"""Every code, in the order of a request's way through the door."""


def errors_page() -> str:
    """Write `docs/errors.md` from the table."""
    lines = [
        "# Errors",
        "",
        "Every refusal is an `application/problem+json` document (RFC 9457): `type` points at the heading here, `title`",
        "and `status` come from this page, `detail` says what was wrong this time, `code` is for programs and does not",
        "change, `instance` names the request in the server's log, and `errors` lists the fields, where there are any.",
        "This page is written from `responder_api/problems.py` by `python -m responder_api.reference`; a test fails when",
        "it is out of date.",
        "",
    ]
    for code, row in PROBLEMS.items():
        lines += [f"## {code}", "", f"{row.status}: {row.title}. {row.next}", ""]
    return "\n".join(lines)
