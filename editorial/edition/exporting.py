"""One export: what changed is asked anew, everything else stays; then every link is looked at.

The site is walked by its own links, from the addresses that are always there and the finished pages of articles. What belongs to something
that has not changed is not asked: the manifest says where it leads.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from editorial import addresses
from editorial.edition import marks, nginx
from editorial.edition.door import Answer, Door
from editorial.edition.folder import Entry, Folder, Headers, Manifest, kind_of
from editorial.edition.links import links
from editorial.models import Address, PublishedPage
from records import clock

BATCH = 5000


@dataclass
class Done:
    """What an export came to: the addresses that show something else now, those that are gone, links that lead nowhere, spoilt files."""

    written: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    spoilt: list[str] = field(default_factory=list)
    configured: list[str] = field(default_factory=list)
    asked: int = 0
    total: int = 0
    loose: int = 0

    @property
    def is_as_it_was(self) -> bool:
        """Whether the folder held just what the site answers."""
        return not (self.written or self.gone or self.spoilt or self.configured or self.loose)

    @property
    def changed(self) -> list[str]:
        """The addresses that a cache in front of the folder must drop."""
        return sorted([*self.written, *self.gone])


class Different(Exception):
    """Two answers that look alike and carry different headers, which a file server could not tell apart."""


class Export:
    """One export into a folder; `everything`: what has not changed is asked as well."""

    def __init__(self, folder: Folder, *, everything: bool = False, asked: Callable[[], object] = lambda: None) -> None:
        self.folder, self.everything, self.asked = folder, everything, asked
        self.known, self.made, self.done = folder.manifest(), Manifest(), Done()

    def run(self) -> Done:
        """Walk the site, write what is new, take away what is gone; the marks are those from before the walk."""
        self._mark()
        for address in self._walk():
            self.made.entries[address] = self.known.entries[address] if self._stands(address) else self._asked_now(address)
        self.made.entries = {address: entry for address, entry in self.made.entries.items() if entry.file}
        done, made = self.done, self.made
        done.total, done.gone = len(made.entries), sorted(self.known.entries.keys() - made.entries.keys())
        done.broken = sorted((entry.file, link) for address, entry in made.entries.items() for link in entry.links if not self._resolves(link))
        self._keep_kinds()
        if not self.folder.writes:
            done.spoilt = list(self.folder.spoilt(self.known))
        done.loose, done.configured = self.folder.finish(made, nginx.configuration(made))
        return done

    def _mark(self) -> None:
        on, made = clock.today(), self.made
        made.release = marks.of_release()
        made.articles = dict(marks.of_articles(on))
        made.lists = marks.of_lists(made.articles.items(), on)
        made.moved = dict(Address.objects.filter(is_current=False, article__addresses__is_current=True).values_list("slug", "article__addresses__slug"))

    # ---- What has not changed

    def _stands(self, address: str) -> bool:
        """Whether what the last export wrote for an address is still what the site answers."""
        return address in self.known.entries and addresses.group(address) in self._unchanged

    @cached_property
    def _unchanged(self) -> frozenset[str]:
        known, made = self.known, self.made
        if self.everything or known.release != made.release:
            return frozenset()
        same = {f"{addresses.ARTICLES}/{slug}" for slug, mark in made.articles.items() if known.articles.get(slug) == mark}
        return frozenset(same | {addresses.STATIC} | ({""} if known.lists == made.lists else set()))

    # ---- The walk

    @cached_property
    def _door(self) -> Door:
        """Opened once something is to be asked."""
        return Door()

    def _walk(self) -> Iterator[str]:
        """Every address that a file stands for, articles first; each is entered before the next one is looked for."""
        for roots in (_pages(), iter(addresses.roots())):
            waiting = deque[str]()
            for root in roots:
                waiting.append(root)
                while waiting:
                    address = waiting.popleft()
                    if address not in self.made.entries:
                        yield address
                        waiting.extend(link for link in self.made.entries[address].links if "?" not in link and addresses.is_file(link))

    def _asked_now(self, address: str) -> Entry:
        """The entry of an address that was asked now and written down; one without a file where there is nothing."""
        self.done.asked += 1
        self.asked()
        answer = self._door.ask(address)
        if answer is None:
            return Entry("", "", ())
        self._enter_kind(answer, address)
        found = (addresses.target(address, link) for link in links(answer.kind, answer.body))
        entry, is_new = self.folder.put(address, answer, tuple(dict.fromkeys(filter(None, found))))
        if is_new:
            self.done.written.append(address)
        return entry

    def _enter_kind(self, answer: Answer, address: str) -> None:
        name, headers = kind_of(answer), _said(answer)
        if self.made.kinds.setdefault(name, headers) != headers:
            raise Different(f"What is at {address} carries other headers than the rest of {name}.")

    def _keep_kinds(self) -> None:
        """Kinds of which nothing was asked are as the last export found them."""
        used = {entry.kept.partition("/")[0] for entry in self.made.entries.values()}
        self.made.kinds = {name: headers for name, headers in (self.known.kinds | self.made.kinds).items() if name in used}

    # ---- Links

    def _resolves(self, link: str) -> bool:
        """Whether a link leads somewhere: to a file, to a moved article, or to the live site."""
        path, asks, _ = link.partition("?")
        slug = addresses.group(path).removeprefix(f"{addresses.ARTICLES}/")
        if slug in self.made.moved:
            path = path.replace(f"/{slug}/", f"/{self.made.moved[slug]}/", 1)
        return addresses.is_live(path) or (path in self.made.entries and not asks)


def _said(answer: Answer) -> Headers:
    """The headers of all answers of a kind; the name of a download is each one's own."""
    name = f'"{answer.name}"'
    return tuple((key, value.replace(name, '"$edition_name"') if answer.name else value) for key, value in answer.headers)


def _pages() -> Iterator[str]:
    """The addresses of the finished pages."""
    last = ""
    while found := list(PublishedPage.objects.filter(path__gt=last).order_by("path").values_list("path", flat=True)[:BATCH]):
        yield from filter(addresses.is_file, found)
        last = found[-1]
