"""The demo's people: authors, members of the board, editors and an administrator, as people.yaml names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from articles.models import Topic
from editorial import roles
from editorial.demo import PASSWORD
from records import clock
from records.history import bulk_save_as, save_as
from records.models import Affiliation, Person, PersonalTie, User
from reviews.models import BoardMember, Specialty

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Cast:
    """Who acts in the demo, by first name, and the topics by theirs."""

    users: Mapping[str, User]
    topics: Mapping[str, Topic]

    def __getattr__(self, name: str) -> User:
        """One of the people by first name."""
        try:
            return self.users[name]
        except KeyError:
            raise AttributeError(name) from None

    def member(self, user: User) -> BoardMember:
        """The board member behind an account."""
        return BoardMember.objects.get(person__user=user)


def read(name: str) -> Any:
    """One of the demo's YAML files."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def make_cast() -> Cast:
    """Make everybody, with one password for all who sign in: it is hashed once."""
    entries, secret = read("people.yaml"), make_password(PASSWORD)
    users = {entry["key"]: _account(entry, secret) for entry in entries}
    admin = users["priya"]
    for entry in entries:
        _person(entry, users[entry["key"]], by=admin)
    topics = _subjects(by=admin)
    for entry in entries:
        if "board" in entry:
            _member(entry["board"], users[entry["key"]], by=admin)
    _tie(users["tomasz"], users["leila"], by=admin)
    return Cast(users, topics)


def _account(entry: dict[str, Any], secret: str) -> User:
    user = User.objects.create(email=entry["email"], password=secret, date_joined=clock.now())
    return roles.give(user, *entry["roles"])


def _person(entry: dict[str, Any], user: User, *, by: User) -> None:
    person = save_as(Person(name=entry["name"], credentials=entry["credentials"], user=user), by=by, reason="Joined")
    bulk_save_as(
        [
            Affiliation(person=person, institution=place["institution"], since=_years(place["ago"]), until=_end(place.get("until")))
            for place in entry["places"]
        ],
        by=by,
        reason="Joined",
    )


def _years(ago: int) -> date:
    return clock.today() - timedelta(days=365 * ago)


def _end(ago: int | None) -> date | None:
    return None if ago is None else _years(ago) - timedelta(days=1)


def _subjects(*, by: User) -> dict[str, Topic]:
    topics, specialties = {}, {}
    for entry in read("subjects.yaml"):
        wanted = entry.pop("specialties")
        topics[entry["name"]] = topic = save_as(Topic(**entry), by=by, reason="Began")
        for name in wanted:
            if name not in specialties:
                specialties[name] = save_as(Specialty(name=name, slug=name.lower().replace(" ", "-")), by=by, reason="Began")
            specialties[name].topics.add(topic)
    return topics


def _member(entry: dict[str, Any], user: User, *, by: User) -> None:
    member = BoardMember(
        person=Person.objects.get(user=user),
        slug=entry["slug"],
        profession=entry["profession"],
        biography=entry["biography"],
        interests=entry["interests"],
        interests_on=clock.today(),
        since=_years(entry["since"]),
        trained_on=_years(entry["since"]),
    )
    save_as(member, by=by, reason="Elected to the board")
    member.specialties.set(Specialty.objects.filter(name__in=entry["specialties"]))


def _tie(one: User, other: User, *, by: User) -> None:
    """A known tie, so that the page where an editor chooses reviewers has one to show."""
    people = Person.objects.in_bulk([one.pk, other.pk], field_name="user_id")
    tie = PersonalTie(
        one=people[one.pk], other=people[other.pk], kind=PersonalTie.Kind.GRANT, since=_years(1), note="A grant for a study of medicines after discharge"
    )
    save_as(tie, by=by, reason="Declared by both")
