"""Responses as values (RFC 9051 7 and the extensions named at each class).

A server core sends them, a client core yields them. ``defects`` tells what was tolerated when
a response was parsed; it takes no part in comparison.
"""

from mailproto.imap.responses.administration import (
    AclResponse,
    ListRightsResponse,
    MetadataResponse,
    MyRightsResponse,
    QuotaResource,
    QuotaResponse,
    QuotaRootResponse,
)
from mailproto.imap.responses.base import Response, UnknownResponse
from mailproto.imap.responses.conditions import Bad, Bye, Condition, Continuation, No, Ok, Preauth
from mailproto.imap.responses.mailboxes import (
    ExistsResponse,
    FlagsResponse,
    ListResponse,
    LsubResponse,
    Namespace,
    NamespaceResponse,
    RecentResponse,
    StatusResponse,
    XlistResponse,
)
from mailproto.imap.responses.messages import ExpungeResponse, UidBatchesResponse, VanishedResponse
from mailproto.imap.responses.searching import (
    ESearchResponse,
    PartialResult,
    SearchResponse,
    SortResponse,
    ThreadResponse,
)
from mailproto.imap.responses.session import (
    CapabilityResponse,
    ComparatorResponse,
    EnabledResponse,
    IdResponse,
    JmapAccessResponse,
    LanguageResponse,
)
from mailproto.imap.responses.urls import (
    ConversionResponse,
    GenUrlAuthResponse,
    UrlData,
    UrlFetchResponse,
)

__all__ = [
    "AclResponse",
    "Bad",
    "Bye",
    "CapabilityResponse",
    "ComparatorResponse",
    "Condition",
    "Continuation",
    "ConversionResponse",
    "ESearchResponse",
    "EnabledResponse",
    "ExistsResponse",
    "ExpungeResponse",
    "FlagsResponse",
    "GenUrlAuthResponse",
    "IdResponse",
    "JmapAccessResponse",
    "LanguageResponse",
    "ListResponse",
    "ListRightsResponse",
    "LsubResponse",
    "MetadataResponse",
    "MyRightsResponse",
    "Namespace",
    "NamespaceResponse",
    "No",
    "Ok",
    "PartialResult",
    "Preauth",
    "QuotaResource",
    "QuotaResponse",
    "QuotaRootResponse",
    "RecentResponse",
    "Response",
    "SearchResponse",
    "SortResponse",
    "StatusResponse",
    "ThreadResponse",
    "UidBatchesResponse",
    "UnknownResponse",
    "UrlData",
    "UrlFetchResponse",
    "VanishedResponse",
    "XlistResponse",
]
