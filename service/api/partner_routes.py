"""The routes of partners: organisations, their people, their devices."""

from http import HTTPStatus

from service.api import organisations, people
from service.api.route import Route
from service.records import Role

POLICE_SIDE = frozenset({Role.OPERATOR})
PEOPLE_KEEPERS = POLICE_SIDE | {Role.MANAGER}
PEOPLE_WATCHERS = PEOPLE_KEEPERS | {Role.AUDITOR}

PARTNER_ROUTES = (
    Route(
        method="POST",
        template="/v1/organisations",
        serve=organisations.post_organisation,
        roles=POLICE_SIDE,
        takes=organisations.PartnerToBe,
        answers=organisations.PartnerOnRecord,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        template="/v1/organisations",
        serve=organisations.get_organisations,
        paged=True,
        roles=PEOPLE_WATCHERS,
        answers=organisations.PartnerPage,
        refusals=(400,),
    ),
    Route(
        method="POST",
        template="/v1/organisations/{id}/suspensions",
        serve=organisations.post_suspension,
        roles=POLICE_SIDE,
        takes=organisations.Grounds,
        answers=organisations.PartnerOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/organisations/{id}/reinstatements",
        serve=organisations.post_reinstatement,
        roles=POLICE_SIDE,
        takes=organisations.Grounds,
        answers=organisations.PartnerOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/people",
        serve=people.post_person,
        roles=PEOPLE_KEEPERS,
        takes=people.PersonProposed,
        answers=people.PersonOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/people/search",
        serve=people.search_people,
        roles=PEOPLE_WATCHERS,
        takes=people.PeopleSearch,
        answers=people.PeoplePage,
    ),
    Route(
        method="GET",
        template="/v1/people/{id}",
        serve=people.get_person,
        roles=PEOPLE_WATCHERS,
        answers=people.PersonOnRecord,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/people/{id}/approvals",
        serve=people.post_approval,
        roles=POLICE_SIDE,
        takes=people.Approval,
        answers=people.PersonOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404, 409),
    ),
    Route(
        method="POST",
        template="/v1/people/{id}/drops",
        serve=people.post_person_drop,
        roles=PEOPLE_KEEPERS,
        takes=organisations.Grounds,
        answers=people.PersonOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
    Route(
        method="POST",
        template="/v1/devices",
        serve=people.post_device,
        roles=PEOPLE_KEEPERS,
        takes=people.DeviceAdded,
        answers=people.DeviceOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
    Route(
        method="GET",
        template="/v1/devices",
        serve=people.get_devices,
        paged=True,
        roles=PEOPLE_WATCHERS,
        answers=people.DevicePage,
        refusals=(400,),
    ),
    Route(
        method="POST",
        template="/v1/devices/{id}/drops",
        serve=people.post_device_drop,
        roles=PEOPLE_KEEPERS,
        takes=organisations.Grounds,
        answers=people.DeviceOnRecord,
        status=HTTPStatus.CREATED,
        refusals=(404,),
    ),
)
