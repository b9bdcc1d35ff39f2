"""The one table of routes: method, template, who may, what serves it, what travels."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from service.api import batches, entries, feed_files, hits, hotlist, ops, replays, sightings
from service.api import sighting_models as models
from service.api.answers import HitOnRecord
from service.api.errors import UnknownRoute, WrongMethod
from service.api.wire import Wire
from service.records import Role
from service.state import State

Endpoint = Callable[[State, Request], Awaitable[Response]]

EVERYBODY = frozenset(Role)
REPORTERS = frozenset({Role.GUARD, Role.DISPATCH})
HISTORIANS = frozenset({Role.DISPATCH, Role.INFODESK, Role.AUDITOR})
ENTRY_KEEPERS = frozenset({Role.DISPATCH, Role.INFODESK, Role.FEED})
FEED_WATCHERS = frozenset({Role.DISPATCH, Role.INFODESK, Role.FEED, Role.AUDITOR, Role.OPERATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route. `roles` is None where no key is needed; `takes` is the model of its body.

    `parts` are those of a body that is no JSON but multipart, the first one required. What
    `discloses` is refused while the hotlist is frozen. A `paged` one takes `limit` and `cursor` in
    its query: nothing that says anything of a plate.
    """

    method: str
    template: str
    serve: Endpoint
    roles: frozenset[Role] | None
    answers: type[Wire] | None
    takes: type[Wire] | None = None
    status: HTTPStatus = HTTPStatus.OK
    refusals: tuple[int, ...] = ()
    replayable: bool = False
    parts: tuple[str, ...] = ()
    discloses: bool = False
    paged: bool = False


ROUTES = (
    Route(
        method="POST",
        template="/v1/sightings",
        serve=sightings.post_sighting,
        roles=REPORTERS,
        takes=models.SightingReport,
        answers=models.SightingAnswer,
        status=HTTPStatus.CREATED,
        refusals=(410, 422),
        replayable=True,
    ),
    Route(
        method="POST",
        template="/v1/sightings/batch",
        serve=batches.post_batch,
        roles=REPORTERS,
        takes=models.SightingBatch,
        answers=models.BatchAnswer,
        refusals=(422,),
        replayable=True,
    ),
    Route(
        method="GET",
        template="/v1/sightings/{id}",
        serve=sightings.get_sighting,
        discloses=True,
        roles=HISTORIANS | {Role.GUARD},
        answers=models.SightingOnRecord,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/sightings/{id}/replay",
        serve=replays.post_replay,
        discloses=True,
        roles=frozenset({Role.AUDITOR}),
        answers=replays.ReplayShown,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/hits/search",
        serve=hits.search_hits,
        discloses=True,
        roles=HISTORIANS,
        takes=hits.HitSearch,
        answers=hits.HitPage,
    ),
    Route(
        method="GET",
        template="/v1/hits/{id}",
        serve=hits.get_hit,
        discloses=True,
        roles=HISTORIANS,
        answers=HitOnRecord,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/entries",
        serve=entries.post_entry,
        roles=ENTRY_KEEPERS,
        takes=entries.EntryPutIn,
        answers=entries.EntryOnRecord,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="POST",
        template="/v1/entries/search",
        serve=entries.search_entries,
        discloses=True,
        roles=ENTRY_KEEPERS | {Role.AUDITOR},
        takes=entries.EntrySearch,
        answers=entries.EntryPage,
    ),
    Route(
        method="GET",
        template="/v1/entries/{id}",
        serve=entries.get_entry,
        discloses=True,
        roles=ENTRY_KEEPERS | {Role.AUDITOR},
        answers=entries.EntryOnRecord,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/entries/{id}/withdrawals",
        serve=entries.post_withdrawal,
        roles=ENTRY_KEEPERS,
        takes=entries.Withdrawal,
        answers=entries.EntryOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
    Route(
        method="GET",
        template="/v1/hotlist",
        serve=hotlist.get_hotlist,
        roles=EVERYBODY,
        answers=hotlist.HotlistShown,
    ),
    Route(
        method="GET",
        template="/v1/feeds",
        serve=hotlist.get_feeds,
        roles=FEED_WATCHERS,
        answers=hotlist.FeedPage,
    ),
    Route(
        method="POST",
        template="/v1/feeds/{feed}/files",
        serve=feed_files.post_feed_file,
        roles=frozenset({Role.FEED}),
        answers=feed_files.HandedIn,
        status=HTTPStatus.ACCEPTED,
        parts=feed_files.PARTS,
        refusals=(400, 404, 409, 413, 415),
    ),
    Route(
        method="GET",
        template="/v1/feeds/{feed}/files",
        serve=feed_files.get_feed_files,
        paged=True,
        roles=FEED_WATCHERS,
        answers=feed_files.FeedFilePage,
        refusals=(400, 404),
    ),
    Route(
        method="GET",
        template="/v1/feeds/{feed}/files/{id}",
        serve=feed_files.get_feed_file,
        roles=FEED_WATCHERS,
        answers=feed_files.FeedFileShown,
        refusals=(404,),
    ),
    Route(method="GET", template="/livez", serve=ops.get_livez, roles=None, answers=ops.Health),
    Route(
        method="GET",
        template="/readyz",
        serve=ops.get_readyz,
        roles=None,
        answers=ops.Readiness,
        refusals=(503,),
    ),
    Route(method="GET", template="/metrics", serve=ops.get_metrics, roles=None, answers=None),
)


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        methods: defaultdict[str, dict[str, Route]] = defaultdict(dict)
        for route in routes:
            methods[route.template][route.method] = route
        self._of_template = dict(methods)
        self._open = [
            (compile_path(template)[0], found)
            for template, found in methods.items()
            if "{" in template
        ]

    def find(self, method: str, path: str) -> Route:
        """Return the route of a method and a path; HEAD is answered as GET is.

        Raises:
            UnknownRoute: no template fits the path.
            WrongMethod: one does, for other methods; they are in its headers.
        """
        of_path = self._of_template.get(path)
        if of_path is None:
            of_path = next((found for fits, found in self._open if fits.match(path)), None)
        if of_path is None:
            raise UnknownRoute
        route = of_path.get("GET" if method == "HEAD" else method)
        if route is None:
            raise WrongMethod(
                ", ".join(sorted({*of_path, *(["HEAD"] if "GET" in of_path else [])}))
            )
        return route
