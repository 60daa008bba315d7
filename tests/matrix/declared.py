"""What the owner of the reference API declares of it: the parts of its profile."""

from __future__ import annotations

from pathlib import Path

from harness.reference import ADMIN, BOB, READER
from harness.reference.authenticator import PASSWORDS
from harness.reference.cors import APP
from harness.reference.tokens import issue, private_key

# The defective servers answer from one database in one process: a poll cannot show anything later.
# A defect of minor impact must trip its rule, too: what is advice by default warns here.
AT_ONCE = 'consistency_window = 0\nadvice = "warn"\n'
# What no survey can find: a second client, for how long keys are remembered, and the states of an order.
CLIENTS = f"""
[credentials.other]
headers = {{ Authorization = "Bearer {BOB}" }}
"""
RESOURCES = {
    "contracts": """
[[resources]]
collection = "/contracts"
""",
    # Also where a defect keeps its items, each rule may create its own.
    "documents": """
[[resources]]
collection = "/documents"
leave_behind = 40
""",
    "orders": """
[[resources]]
collection = "/orders"
transitions = [
    { name = "pay", path = "/orders/{id}/pay", before = "pending", after = "paid" },
    { name = "cancel", path = "/orders/{id}/cancel", before = "pending", after = "cancelled" },
]
""",
    "payments": """
[[resources]]
collection = "/payments"
idempotency = { required = true, retention = 2.4 }
""",
    "products": """
[[resources]]
collection = "/products"
""",
}
# Nobody else uses the reference: it may be sent malformed requests. It never ends an idle connection this soon.
WIRE = """
[wire]
malformed = true
smuggling = true
idle = 0.02
"""
# Fewer and more rights, tokens that are JWTs, sessions, and what each client is called.
ACCESS = f"""
[credentials.readonly]
bearer = "{READER}"
[credentials.admin]
bearer = "{ADMIN}"
[credentials.token]
bearer = "{issue("alice")}"
[jwt]
credential = "token"
jwks = "/jwks.json"
access_tokens = true
key = '''
{private_key()}'''
[revoke]
login = "/sessions"
login_body = {{ user = "alice", password = "{PASSWORDS["alice"]}" }}
path = "/session"
[identities]
default = "alice"
other = "bob"
[[admin_operations]]
path = "/admin/users"
"""
# Which pages use the API from a browser.
SECURITY = f"""
[cors]
allowed_origins = ["{APP}"]
[cookie]
login = "/sessions"
login_body = {{ user = "alice", password = "{PASSWORDS["alice"]}" }}
"""
# Exports go on after the response, and end, one way or another.
OPERATIONS = """
[[operations]]
path = "/exports"
body = { collection = "orders" }
failing_body = { collection = "orders", since = "2999-01-01T00:00:00Z" }
invalid_body = { since = "2999-01-01T00:00:00Z" }
cancel = "POST /operations/{id}/cancel"
keyed = true
private = true
max_seconds = 4
"""
# A credential whose quota nobody else uses.
LIMITS = f"""
[credentials.flood]
headers = {{ Authorization = "Bearer {ADMIN}" }}
[[rate_limits]]
path = "/limited"
credential = "flood"
scope = "credential"
"""
# Events of documents. Its retries come within a second, and receivers may be silent for less than that.
WEBHOOKS = """
[webhooks]
subscribe = "/webhooks"
body = { url = "{url}", events = ["{event}"] }
signature = "standard"
rotate = "/webhooks/{id}/rotate"
deliveries = "/webhooks/{id}/deliveries"
retries = true
retry_after = 1
timeout = 2
wait = 10
retry_wait = 4
[webhooks.events]
"document.created" = "documents"
"document.deleted" = "delete documents"
"""
# Polls are held for half a second, and comments come more often than that.
REALTIME = """
[[streams]]
path = "/events"
trigger = "documents"
heartbeat = 0.5
latency = 2
resume = true
json_data = true
private = true
changes = true
[longpoll]
path = "/updates"
trigger = "POST /announcements"
trigger_body = { text = "{mark}" }
timeout = 0.5
cursor = "since"
next = "/next"
[websocket]
path = "/socket"
trigger = "POST /announcements"
trigger_body = { text = "{mark}" }
private = true
"""
# Where files are uploaded and downloaded, and what is taken.
FILES = """
[files]
samples = ["/downloads/manual.pdf"]
upload = "POST /files"
form = { file = "{file}", label = "conformance" }
download = "/files/{id}/content"
delete = "/files/{id}"
max_bytes = 524288
types = ["application/octet-stream", "application/pdf", "application/zip", "image/png", "text/plain"]
digests = true
private = true
tus = "/uploads"
resumable = "/resumable"
[files.presigned]
path = "/presigned"
body = { name = "{name}", type = "{type}", expires_in = "{seconds}" }
[files.s3]
path = "/objects/{name}"
key_id = "demo-s3-key"
secret = "demo-s3-secret"
"""
# What takes a minute by default takes seconds here.
LOAD = """
[load]
path = "/exchange-rates"
rate = 20
flood = 60
seconds = 1.5
recovery = 1.8
slow = 20
[[slo]]
path = "/exchange-rates"
ms = 500
percentile = 90
availability = 95
samples = 40
rate = 25
"""
# Two versions by path, the document that clients of the reference were written for, and what they sent.
PATHS = """
[versions]
scheme = "path"
declared = ["/v1", "/v2"]
read = "/orders"
members = { orders = { "/customer" = "/buyer", "/amount" = "/amount" } }
"""
VERSION_FILES = Path(__file__).parents[1] / "versions"
EARLIER = f"""
recorded = "{VERSION_FILES / "earlier.json"}"
pact = {{ files = ["{VERSION_FILES / "till-shop.json"}"] }}
"""
VERSIONS = f"""{PATHS}
baseline_schema = "{VERSION_FILES / "baseline.yaml"}"
{EARLIER}
"""
# Nobody depends on the reference.
HOSTILE = "non_production = true\n"
DECLARED = "".join(
    (
        HOSTILE,
        CLIENTS,
        WIRE,
        *RESOURCES.values(),
        ACCESS,
        SECURITY,
        LIMITS,
        OPERATIONS,
        WEBHOOKS,
        REALTIME,
        FILES,
        LOAD,
        VERSIONS,
    )
)
OF_SUITE = {
    "AUTH": ACCESS,
    "SEC": SECURITY,
    "LRO": OPERATIONS,
    "HOOK": WEBHOOKS,
    "RT": SECURITY + REALTIME,
    "FILE": FILES,
    "ISOL": LOAD,
    "PERF": LOAD,
}
"""What the rules of some suites need to be declared, besides resources and clients."""
FLOOD = ("--effects", "flood", "--flood-budget", "2000")
ALL = ("--effects", "load", "--flood-budget", "2000", "--load-budget", "5000", "--max-requests", "40000")
"""All effects, and requests for all rules on all resources."""
