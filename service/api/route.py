"""A route, and how the one of a request is found; the table of them is in `service.api.routes`."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from service.api.errors import UnknownRoute, WrongMethod
from service.api.wire import Wire
from service.records import Role
from service.state import State

Endpoint = Callable[[State, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route. `roles` is None where no key is needed; `takes` is the model of its body.

    `parts` are those of a body that is no JSON but multipart, the first one required. What
    `discloses` is refused while the hotlist is frozen; what `consults` what is on record needs
    a purpose. Whoever is answered `police_data` is told of the duty of secrecy. An `even` one lets
    a guard wait by itself. A `paged` one takes `limit` and `cursor` in its query: nothing that
    says anything of a plate.
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
    consults: bool = False
    police_data: bool = False
    even: bool = False
    paged: bool = False


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
