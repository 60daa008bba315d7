"""Events as they happen: event streams, long polling, WebSocket; loss, order, who sees what, and what is idle."""

CODE = "RT"
TITLE = "realtime"
ORDER = 27
