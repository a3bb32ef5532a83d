"""What should have been said, worked out in another way: from the days of a wall calendar, ticked off one by one.

It knows nothing of ladders, looks or next days. For each item and each rule that held, it writes every reminder's day on a calendar
by adding days; then it goes through the times at which a sweep was let through, ticks off what had come due, and says that of
the days ticked off at once only the last is told.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import date

FOREVER = 10**9
ALWAYS = ("page", "weekly", "evidence", "decision", "changes", "invited", "accepted")


def let_through(wakes, releases):
    """The sweeps that did anything: (at, day as an ordinal), in order; a killed one was run again at once."""
    found, latest, free_until, is_held = [], None, 0, False
    for at, day, what in sorted([(at, day.toordinal(), whole) for at, day, whole in wakes] + [(at, day.toordinal(), "release") for at, day in releases]):
        if what == "release":
            is_held, free_until, latest = False, day, min(latest, day)
        elif not is_held:
            is_odd = latest is not None and not latest - 1 <= day <= latest + 120
            if is_odd and day > free_until:
                is_held = True
            elif (latest is None or day >= latest) and what:
                latest = day
                found.append((at, day))
    return found


def calendar_of(rule, since, until):
    """Ordinal → kind of every reminder that a rule has between two days."""
    name, *facts = rule
    numbers = [fact.toordinal() if isinstance(fact, date) else fact for fact in facts]
    if name == "page":
        due, ahead = numbers[0], numbers[1]
        marks = {due - 30: "re_review_ahead", due - 7: "re_review_ahead", due - ahead: "re_review_ahead", due: "re_review_due"}
        marks |= dict.fromkeys(range(due + 7, until + 1, 7), "re_review_overdue")
    elif name == "weekly":
        marks = dict.fromkeys(range(numbers[1] + 7, until + 1, 7), numbers[0])
    elif name == "evidence":
        deadline = numbers[0] + numbers[1]
        marks = dict.fromkeys([deadline - 7, deadline - 2, *range(deadline, until + 1, 7)], "evidence_due")
    elif name == "changes":
        marks = dict.fromkeys([numbers[0] + after for after in (30, 60, 90, 180)], "changes_waiting")
    elif name == "invited":
        marks = dict.fromkeys([numbers[1] - 2, *range(numbers[1], until + 1, 7)], "invitation_waiting")
    elif name == "accepted":
        due = numbers[1]
        marks = dict.fromkeys([due - 7, due - 2, due], "review_due") | dict.fromkeys(range(due + 7, until + 1, 7), "review_overdue")
    else:
        marks = _decisions(numbers[0], facts[1], until)
    return {day: kind for day, kind in marks.items() if since <= day <= until}


def _decisions(signed, page, until):
    taken = set()
    if page:
        due, ahead, begins = page[0].toordinal(), page[1], page[2].toordinal()
        taken = {day for day in [due - ahead, due - 30, due - 7, *range(due, until + 30, 7)] if day >= begins}
    marks = {}
    for week in range(signed + 7, until + 1, 7):
        while week in taken:
            week += 1
        marks[week] = "decision_due"
    return marks


class Oracle:
    """The said and the overtaken, item by item, and when the calendar opened a re-review or took a page down."""

    def __init__(self, world):
        self.sweeps = let_through(world.wakes, world.releases)
        self.moments = [at for at, _ in self.sweeps]
        self.said, self.overtaken = defaultdict(list), defaultdict(list)
        for item, rules in world.rules.items():
            self._tick_off(item, rules)

    def calendar_acts(self, world):
        """(page, at, what) of all that the calendar had to do: between two acts on a page, at the first sweep late enough."""
        for page, notes in world.pages.items():
            taken_down = set()
            for (at, _, _, facts), (end, *_) in zip(notes, [*notes[1:], (FOREVER,)], strict=True):
                state, due, ahead, reviewed, grace, after, opened, acted = facts
                later = self.sweeps[bisect_right(self.moments, at) : bisect_right(self.moments, end)]
                sweeps = [(moment, day) for moment, day in later if day >= acted.toordinal()]  # a clock a day late has not come to the act yet
                due, reviewed, first = due.toordinal(), reviewed.toordinal(), []
                opens = max(due - ahead, reviewed + (due - reviewed) // 2)
                if state in {"live", "withheld"} and opened != "open" and (opened is None or opened.toordinal() < opens):
                    first += [(moment, "opened") for moment, day in sweeps if day >= opens][:1]
                if state == "live" and after == "notice" and due not in taken_down:
                    first += [(moment, "taken down") for moment, day in sweeps if day > due + grace][:1]
                for moment, what in first:
                    if what == "taken down":
                        taken_down.add(due)
                    yield page, moment, what

    def _tick_off(self, item, rules):
        known = set()
        for index, (at, day, rule) in enumerate(rules):
            if not rule or rule[0] not in ALWAYS:
                continue
            end = next((later for later, _, other in rules[index + 1 :] if not other or other[0] != "same"), FOREVER)
            sweeps = self.sweeps[bisect_right(self.moments, at) : bisect_left(self.moments, end)]  # what a sweep makes, the next one sees
            if not sweeps:
                continue
            marks = calendar_of(rule, day.toordinal(), max(today for _, today in sweeps))
            left = sorted(marks, reverse=True)
            for moment, today in sweeps:
                come = []
                while left and left[-1] <= today:
                    come.append(left.pop())
                for number, mark in enumerate(come):
                    entry = (moment, marks[mark], date.fromordinal(mark))
                    if number < len(come) - 1:
                        self.overtaken[item].append(entry)
                    elif (marks[mark], mark) not in known:
                        known.add((marks[mark], mark))
                        self.said[item].append(entry)
                if not left:
                    break
