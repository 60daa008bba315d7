"""The decision on each note of httplint: error, warning, remark, or nothing, each with a reason.

Made for httplint `MADE_FOR`: every note of level `bad` or `warning` that it has is decided here. `info` and `good`
are facts, not findings. A note that a later version adds is a remark until it is decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

MADE_FOR = "2026.10.4"


class Decision(Enum):
    """The decision on a note."""

    ERROR = "error"
    """It certainly breaks a MUST: LINT-001."""
    WARNING = "warning"
    """It breaks a SHOULD: LINT-002."""
    ADVICE = "advice"
    """It breaks a SHOULD with hardly any effect: LINT-002, as advice."""
    REMARK = "remark"
    """Lawful, or not yet decided: a remark in the report."""
    SILENT = "silent"
    """Irrelevant to a client of the API, or covered by another rule."""


ERROR, WARNING, ADVICE = Decision.ERROR, Decision.WARNING, Decision.ADVICE
REMARK, SILENT = Decision.REMARK, Decision.SILENT


@dataclass(frozen=True)
class Group:
    """Notes with the same decision.

    Attributes:
        reason: why so.
        kinds: lines of a module in httplint and the classes of its notes.
    """

    decision: Decision
    reason: str
    kinds: str

    def names(self) -> Iterator[str]:
        """The notes as `module.CLASS`."""
        module = ""
        for word in self.kinds.split():
            if word.endswith(":"):
                module = word[:-1]
            else:
                yield f"{module}.{word}"


# Fields whose syntax another suite, or only a browser, evaluates; these notes occur on any field.
ELSEWHERE = {
    "accept": "RFC 9110 section 12.5.1 lets a 415 have it",
    "accept-encoding": "NEGO-009, and RFC 9110 section 12.5.3 lets a 415 have it",
    "age": "COND",
    "allow": "METH-015 and METH-017",
    "alt-svc": "set in front of the API",
    "cache-control": "COND-015",
    "cache-status": "set in front of the API",
    "cdn-cache-control": "set in front of the API",
    "clear-site-data": "browsers",
    "content-encoding": "NEGO-008",
    "content-security-policy": "browsers",
    "content-security-policy-report-only": "browsers",
    "date": "WIRE-005",
    "etag": "COND-001",
    "expires": "COND-015",
    "last-modified": "COND-015",
    "link": "PAGE-016",
    "nel": "browsers",
    "permissions-policy": "browsers",
    "p3p": "browsers",
    "pragma": "COND-015",
    "proxy-status": "set in front of the API",
    "ratelimit": "RATE-007",
    "ratelimit-policy": "RATE-007",
    "referrer-policy": "browsers",
    "report-to": "browsers",
    "reporting-endpoints": "browsers",
    "retry-after": "RATE-003",
    "server": "product names have many forms, and nobody parses them",
    "server-timing": "browsers",
    "set-cookie": "browsers; and its value is redacted",
    "strict-transport-security": "browsers",
    "vary": "COND-017",
    "x-content-type-options": "browsers",
    "x-frame-options": "browsers",
}
BROWSERS = ("access-control-", "cross-origin-", "sec-")
"""Prefixes of the names of more fields for browsers."""
GENERAL = (
    "field.",
    "field.http_date.",
    "field.params.",
    "field.section.",
    "field.singleton_field.",
    "field.structured_field.",
)
"""Modules of notes on any field."""


GROUPS = (
    Group(
        ERROR,
        "A value outside the field's grammar (RFC 9110 section 2.2: a sender MUST NOT generate it)",
        """
        field: BAD_SYNTAX_DETAILED FIELD_NAME_BAD_SYNTAX
        field.http_date: BAD_DATE_SYNTAX
        field.params: PARAM_STAR_ERROR PARAM_STAR_QUOTED
        field.parsers.accept: ACCEPT_BAD_SYNTAX
        field.parsers.accept_patch: ACCEPT_PATCH_BAD_SYNTAX
        field.parsers.accept_post: ACCEPT_POST_BAD_SYNTAX
        field.parsers.accept_query: ACCEPT_QUERY_BAD_SYNTAX ACCEPT_QUERY_BAD_TYPE
        field.parsers.deprecation: DEPRECATION_BAD_TYPE
        field.parsers.location: LOCATION_BAD_URI
        field.section: FIELD_NAME_ENCODING FIELD_NAME_WHITESPACE
        field.structured_field: STRUCTURED_FIELD_PARSE_ERROR
        """,
    ),
    Group(
        ERROR,
        "Field lines that must not be repeated or combined (RFC 9110 section 5.3, RFC 9112 section 6.2)",
        """
        field.parsers.content_length: CL_AND_TE_PRESENT CL_BAD_SYNTAX
        field.parsers.transfer_encoding: TRANSFER_CODING_UNWANTED
        field.singleton_field: SINGLE_HEADER_REPEAT
        """,
    ),
    Group(
        ADVICE,
        "Outside the grammar, but read by many recipients: httplint itself only warns",
        """
        field: BAD_SYNTAX
        field.conneg: BAD_Q_VALUE
        field.http_date: DATE_OBSOLETE
        field.params: PARAM_REPEATS PARAM_SINGLE_QUOTED PARAM_STAR_BAD PARAM_STAR_CHARSET
           PARAM_STAR_NOCHARSET
        field.section: FIELD_VALUE_ENCODING
        field.structured_field: DUPLICATE_KEY
        """,
    ),
    Group(
        WARNING,
        "A charset that recipients do not support, or refuse",
        """
        field.parsers.content_type: CHARSET_REPLACEMENT CHARSET_UNKNOWN
        """,
    ),
    Group(
        ADVICE,
        "Content-Range in a form, or with a status, outside RFC 9110 section 14.4; some lists use it so",
        """
        field.parsers.content_range: CONTENT_RANGE_INVALID_ASTERISK CONTENT_RANGE_MISSING_SLASH
           CONTENT_RANGE_MISSING_UNIT CONTENT_RANGE_SATISFIED_IN_416 CONTENT_RANGE_UNSATISFIED_BAD_SC
           RANGE_INVALID RANGE_INVALID_INTEGER RANGE_MISSING_HYPHEN
        """,
    ),
    Group(
        ADVICE,
        "A field or status without meaning in that message (RFC 9110 sections 6 to 15); recipients ignore it",
        """
        field: REQUEST_HDR_IN_RESPONSE
        status: STATUS_416_WITHOUT_RANGE STATUS_417_WITHOUT_EXPECT STATUS_DEPRECATED STATUS_RESERVED
           UPGRADE_NOT_REQUESTED
        """,
    ),
    Group(
        WARNING,
        "A field or status with an unintended meaning: clients follow it, and fail (RFC 9110 sections 15.3 and 15.4)",
        """
        field.parsers.content_disposition: DISPOSITION_FILENAME_PATH_CHAR
        status: CREATED_SAFE_METHOD PARTIAL_NOT_REQUESTED REDIRECT_WITHOUT_LOCATION
        """,
    ),
    Group(
        REMARK,
        "Lawful, but worth a remark",
        """
        field.codings: CODING_ALIAS_DEPRECATED
        field.media_type: MEDIA_TYPE_BAD_NAME MEDIA_TYPE_LONG_NAME
        field.parsers.content_disposition: DISPOSITION_UNKNOWN
        field.parsers.content_range: CONTENT_RANGE_MEANINGLESS
        field.parsers.location: LOCATION_UNDEFINED
        field.section: FIELD_SECTION_TOO_LARGE FIELD_TOO_LARGE
        status: STATUS_NONSTANDARD
        """,
    ),
    Group(
        SILENT,
        "COND and RATE judge caching, validators and Retry-After by behaviour",
        """
        cache: DATE_CLOCKLESS DATE_CLOCKLESS_BAD_HDR FRESHNESS_HEURISTIC FRESHNESS_NO_CACHE_NO_VALIDATOR
           STORE_PRIVATE_PUBLIC_CONFLICT STORE_PUBLIC_UNNECESSARY
        field.entity_tag: ENTITY_TAG_LIST_STAR ENTITY_TAG_WEAK_CASE
        field.parsers.age: AGE_LARGE AGE_NEGATIVE AGE_NOT_INT
        field.parsers.cache_control: CC_BAD_VALUE_TYPE CC_CONFLICTING CC_DUP CC_MAX_AGE_TOO_LARGE CC_MISCAP
           CC_MISSING_VALUE CC_QUOTED_VALUE CC_SHOULD_NOT_HAVE_VALUE CC_WRONG_MESSAGE CHECK_ALL_ZERO
           CHECK_POST_BIGGER CHECK_POST_ZERO CHECK_SINGLE
        field.parsers.last_modified: LM_FUTURE
        field.parsers.pragma: PRAGMA_OTHER
        field.parsers.vary: VARY_ASTERISK VARY_COMPLEX VARY_DUPLICATE VARY_HOST VARY_USER_AGENT
        status: HEADER_SHOULD_NOT_BE_IN_304 STATUS_412_WITHOUT_PRECONDITION
        """,
    ),
    Group(
        SILENT,
        "WIRE-005 judges Date",
        """
        field.parsers.date: AGE_PENALTY DATE_INCORRECT
        status: NO_DATE_304
        """,
    ),
    Group(
        SILENT,
        "PAGE-016 judges Link",
        """
        field.parsers.link: LINK_BAD_ANCHOR LINK_BAD_HINT_TARGET LINK_BAD_TARGET_URI LINK_BAD_TYPE LINK_REV
        """,
    ),
    Group(
        SILENT,
        "METH-013 and METH-015 judge 201 and 405",
        """
        status: CREATED_WITHOUT_LOCATION STATUS_405_METHOD_IN_ALLOW
        """,
    ),
    Group(
        SILENT,
        "NEGO-004 judges 406",
        """
        status: STATUS_406_WITHOUT_NEGOTIATION
        """,
    ),
    Group(
        SILENT,
        "Content is not passed on: METH-002, NEGO-001, NEGO-002, NEGO-008 and WIRE-004 judge it",
        """
        charset: CHARSET_IMPLICIT_MISMATCH CHARSET_LABEL_REMAPPED CHARSET_MISMATCH CHARSET_UNDECODABLE
        content_encoding: BAD_BROTLI BAD_DEFLATE BAD_GZIP BAD_ZLIB DECOMPRESSION_LIMIT
        content_type: CONTENT_TYPE_MISMATCH
        field.parsers.content_encoding: DICTIONARY_COMPRESSED_MISSING_VARY ENCODING_UNWANTED
        field.parsers.content_length: CL_TOO_LARGE
        message: CL_INCORRECT CONTENT_NOT_ALLOWED
        """,
    ),
    Group(
        SILENT,
        "About the request, which the run itself sends",
        """
        field: RESPONSE_HDR_IN_REQUEST
        field.parsers.accept_language: ACCEPT_LANGUAGE_BAD_SYNTAX
        field.parsers.available_dictionary: AVAILABLE_DICTIONARY_BAD_TYPE AVAILABLE_DICTIONARY_MISSING_AE
        field.parsers.expect: EXPECT_UNKNOWN
        field.parsers.if_range: IF_RANGE_WEAK
        field.parsers.max_forwards: MAX_FORWARDS_IGNORED
        field.parsers.origin: BAD_ORIGIN_SYNTAX ORIGIN_MULTIPLE_VALUES ORIGIN_PORT_TOO_LONG
        field.parsers.range: RANGE_BAD_SYNTAX RANGE_INVALID
        field.parsers.referer: REFERER_BAD_URI REFERER_SECURE_TO_DIFFERENT_ORIGIN REFERER_SECURE_TO_INSECURE
        message: MISSING_USER_AGENT REQUEST_CONTENT_NOT_DEFINED REQUEST_TARGET_FORM REQUEST_TARGET_FRAGMENT
           URI_BAD_SYNTAX URI_TOO_LONG
        """,
    ),
    Group(
        SILENT,
        "An explanation of the status, not a fault",
        """
        status: STATUS_BAD_REQUEST STATUS_IM_A_TEAPOT STATUS_URI_TOO_LONG STATUS_VERSION_NOT_SUPPORTED
        """,
    ),
    Group(
        SILENT,
        "Not visible here: the HTTP library handles interim responses, tunnels and status lines",
        """
        message: STATUS_CODE_NON_NUMERIC STATUS_PHRASE_ENCODING
        status: CONNECT_TUNNEL_FRAMING UNEXPECTED_CONTINUE
        """,
    ),
    Group(
        SILENT,
        "multipart/byteranges lawfully has no Content-Range (RFC 9110 section 15.3.7.2), and 416 need not",
        """
        field.parsers.content_range: RANGE_INTEGER_TOO_LONG
        status: PARTIAL_WITHOUT_RANGE STATUS_416_WITHOUT_CONTENT_RANGE
        """,
    ),
    Group(
        SILENT,
        "For browsers: permissions, reports, preloads and storage of pages do not concern an API's client",
        """
        field.json_field: BAD_JSON
        field.parsers.accept_ch: ACCEPT_CH_BAD_TYPE ACCEPT_CH_IN_PLAIN_HTTP ACCEPT_CH_MISSING_VARY
        field.parsers.clear_site_data: CSD_EMPTY CSD_UNKNOWN_VALUE
        field.parsers.content_security_policy: CSP_DEPRECATED_REPORT_URI CSP_DUPLICATE_DIRECTIVE
           CSP_HTTP_URI CSP_REPORT_TO_MISSING CSP_UNSAFE_EVAL CSP_UNSAFE_INLINE CSP_WIDE_OPEN
        field.parsers.cross_origin_embedder_policy: COEP_REPORT_TO_MISSING COEP_UNSAFE_NONE
           CROSS_ORIGIN_EMBEDDER_POLICY_BAD_VALUE
        field.parsers.cross_origin_embedder_policy_report_only: COEP_REPORT_ONLY_DUPLICATE
        field.parsers.cross_origin_opener_policy: COOP_REPORT_TO_MISSING COOP_UNSAFE_NONE
           CROSS_ORIGIN_OPENER_POLICY_BAD_VALUE
        field.parsers.cross_origin_opener_policy_report_only: COOP_REPORT_ONLY_DUPLICATE
        field.parsers.cross_origin_resource_policy: CROSS_ORIGIN_RESOURCE_POLICY_BAD_VALUE
        field.parsers.nel: NEL_BAD_STRUCTURE NEL_BAD_TYPE NEL_BAD_VALUE NEL_MISSING_KEY
           NEL_REPORT_TO_GROUP_UNUSABLE NEL_REPORT_TO_MISSING
        field.parsers.permissions_policy: PERMISSIONS_POLICY_INVALID_ITEM_TYPE
           PERMISSIONS_POLICY_INVALID_VALUE PERMISSIONS_POLICY_QUOTED_KEYWORD
           PERMISSIONS_POLICY_UNKNOWN_TOKEN PERMISSIONS_POLICY_WILDCARD
        field.parsers.referrer_policy: REFERRER_POLICY_MULTIPLE REFERRER_POLICY_UNKNOWN
           REFERRER_POLICY_UNSAFE
        field.parsers.report_to: REPORT_TO_BAD_STRUCTURE REPORT_TO_BAD_TYPE REPORT_TO_MISSING_KEY
        field.parsers.reporting_endpoints: BAD_REPORTING_ENDPOINT_SYNTAX BAD_REPORTING_ENDPOINT_URL
           ENDPOINT_NOT_SECURE
        field.parsers.server_timing: SERVER_TIMING_BAD_PARAM
        field.parsers.set_cookie: SET_COOKIE_ATTRIBUTE_DUP SET_COOKIE_BAD_DATE SET_COOKIE_EMPTY_DOMAIN
           SET_COOKIE_EMPTY_MAX_AGE SET_COOKIE_LEADING_ZERO_MAX_AGE SET_COOKIE_LIFETIME_TOO_LONG
           SET_COOKIE_NAME_DUP SET_COOKIE_NON_DIGIT_MAX_AGE SET_COOKIE_NOT_SECURE SET_COOKIE_NO_NAME
           SET_COOKIE_PARTITIONED_NO_SECURE SET_COOKIE_PREFIX_HOST_BAD_DOMAIN
           SET_COOKIE_PREFIX_HOST_BAD_PATH SET_COOKIE_PREFIX_SECURE_MISSING SET_COOKIE_PRIORITY
           SET_COOKIE_TOO_LARGE SET_COOKIE_UNKNOWN_ATTRIBUTE SET_COOKIE_UNKNOWN_ATTRIBUTE_VALUE
           SET_COOKIE_VERSION
        field.parsers.speculation_rules: SPECULATION_RULES_BAD_TYPE SPECULATION_RULE_BAD_URL
           SPECULATION_RULE_NOT_SECURE
        field.parsers.strict_transport_security: HSTS_BAD_MAX_AGE HSTS_DUPLICATE_DIRECTIVE HSTS_INVALID
           HSTS_MAX_AGE_ZERO HSTS_NO_MAX_AGE HSTS_NO_SUBDOMAINS HSTS_OVER_HTTP HSTS_PRELOAD_NOT_SUITABLE
           HSTS_SHORT_MAX_AGE HSTS_VALUE_NOT_ALLOWED
        field.parsers.use_as_dictionary: USE_AS_DICTIONARY_BAD_MATCH_DEST USE_AS_DICTIONARY_BAD_TYPE
           USE_AS_DICTIONARY_NO_MATCH
        field.parsers.x_content_type_options: CONTENT_TYPE_OPTIONS_UNKNOWN
        field.parsers.x_frame_options: FRAME_OPTIONS_ALLOW_FROM FRAME_OPTIONS_UNKNOWN
        field.token_policy_field: POLICY_REPORT_TO_NOT_STRING
        """,
    ),
    Group(
        SILENT,
        "Cross-origin requests concern browsers only",
        """
        field.cors: ACAC_NOT_TRUE ACAO_MULTIPLE_VALUES CORS_PREFLIGHT_ONLY CORS_PREFLIGHT_REQ_METHOD_WRONG
           CORS_PREFLIGHT_REQ_NO_METHOD CORS_PREFLIGHT_REQ_NO_ORIGIN
        field.parsers.access_control_max_age: CORS_MAX_AGE_INVALID CORS_MAX_AGE_NEGATIVE
        """,
    ),
    Group(
        SILENT,
        "Set by caches and proxies in front of the API",
        """
        field.parsers.alt_svc: ALTSVC_CLEAR_LIST
        field.parsers.cache_group_invalidation: CACHE_GROUP_INVALIDATION_BAD_TYPE
           CACHE_GROUP_INVALIDATION_IGNORED
        field.parsers.cache_groups: CACHE_GROUPS_BAD_TYPE
        field.parsers.cache_status: CACHE_STATUS_BAD_MEMBER CACHE_STATUS_BAD_PARAM_VAL
        field.parsers.cdn_cache_control: BAD_CDN_CC_TYPE
        field.parsers.proxy_status: PROXY_STATUS_BAD_MEMBER PROXY_STATUS_BAD_PARAM_VAL
        field.parsers.transfer_encoding: TRANSFER_CODING_PARAM
        """,
    ),
    Group(
        SILENT,
        "A preference, a forecast or an extension, not a fault",
        """
        field: FIELD_DEPRECATED
        field.parsers.accept_ranges: UNKNOWN_RANGE
        field.parsers.content_disposition: DISPOSITION_FILENAME_PERCENT DISPOSITION_OMITS_FILENAME
        field.parsers.deprecation: DEPRECATION_FUTURE DEPRECATION_PAST
        field.parsers.sunset: SUNSET_PAST
        """,
    ),
)

DECIDED = {name: group.decision for group in GROUPS for name in group.names()}


def decision(kind: str, level: str, field: str) -> Decision:
    """The decision on a note.

    Args:
        kind: module and class.
        level: of httplint.
        field: lower-case name of the header field that it concerns.
    """
    if level not in ("bad", "warning"):
        return SILENT
    module = kind.rpartition(".")[0] + "."
    if module in GENERAL and (field in ELSEWHERE or field.startswith(BROWSERS)):
        return SILENT
    return DECIDED.get(kind, REMARK)
