"""The peer of `bench.latency`: stores a body durably and broadcasts it, nothing more."""

import os
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect

app = FastAPI()
sockets: set[WebSocket] = set()


def _open() -> sqlite3.Connection:
    connection = sqlite3.connect(Path(os.environ["DHARURA_DATA"]) / "peer.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE log (id TEXT PRIMARY KEY, body BLOB)")
    return connection


database = _open()


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}


@app.post("/intake/reports", status_code=202)
async def reports(request: Request) -> dict[str, str]:
    """Store, then send to everybody."""
    id_, body = str(uuid.uuid4()), await request.body()
    database.execute("INSERT INTO log VALUES (?,?)", (id_, body))
    frame: dict[str, Any] = {"type": "change", "kind": "report", "id": id_, "value": body.decode()}
    for each in tuple(sockets):
        await each.send_json(frame)
    return {"id": id_}


@app.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Keep a socket until it goes."""
    await websocket.accept()
    sockets.add(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        sockets.discard(websocket)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["DHARURA_PORT"]), log_level="warning", access_log=False)
