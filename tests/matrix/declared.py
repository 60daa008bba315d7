"""What the owner of the reference API declares of it: the parts of its profile."""

from __future__ import annotations

from harness.reference import ADMIN, BOB

# The defective servers answer from one database in one process: a poll cannot show anything later.
AT_ONCE = "consistency_window = 0\n"
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
    "documents": """
[[resources]]
collection = "/documents"
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
# A credential whose quota nobody else uses.
LIMITS = f"""
[credentials.flood]
headers = {{ Authorization = "Bearer {ADMIN}" }}
[[rate_limits]]
path = "/limited"
credential = "flood"
scope = "credential"
"""
DECLARED = CLIENTS + WIRE + "".join(RESOURCES.values()) + LIMITS
FLOOD = ("--effects", "flood", "--flood-budget", "2000")
