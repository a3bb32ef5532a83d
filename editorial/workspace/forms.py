"""What authors may type, field by field. Forms check input; whether an act may happen is for the act to say."""

from datetime import date
from typing import Any

from django import forms
from django.conf.global_settings import LANGUAGES
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance

from articles import citations
from articles.formats import files
from articles.models import Article, ArticleType, Audience, Authorship, Reference, Topic
from articles.rendering import MAX_CHARACTERS
from editorial import previews
from records import clock

MOST_SAVES = 2_000_000_000
NO_TITLE = "Give the article a title."
FIRST_SEARCH = date(1900, 1, 1)


class NewArticleForm(forms.Form):
    """A new article: its question, its type, its topics."""

    title = forms.CharField(
        label="Question or title", max_length=300, help_text="As a reader would ask it: “How is a trapped nerve treated?”",
        error_messages={"required": NO_TITLE},
    )  # fmt: skip
    article_type = forms.ModelChoiceField(
        ArticleType.objects.all(), label="Type", empty_label=None, widget=forms.RadioSelect, help_text="The type decides who has to approve it.",
        error_messages={"required": "Choose the type of the article."},
    )  # fmt: skip
    topics = forms.ModelMultipleChoiceField(Topic.objects.all(), label="Topics", required=False, widget=forms.CheckboxSelectMultiple)


class TextForm(forms.Form):
    """One audience's text as typed, with the save of the draft that it was opened at."""

    source = forms.CharField(required=False, max_length=MAX_CHARACTERS, strip=False)
    draft_number = forms.IntegerField(min_value=1, max_value=MOST_SAVES, error_messages={"required": "This form does not say which save it was opened at."})


class DetailsForm(forms.ModelForm):
    """What is said about the article beside its texts. Each field remembers what it was when the page was opened."""

    title = forms.CharField(label="Question or title", max_length=300, show_hidden_initial=True, error_messages={"required": NO_TITLE})
    summary = forms.CharField(
        label="Summary", required=False, show_hidden_initial=True, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000,
        help_text="One or two sentences. They stand in lists and search results.",
    )  # fmt: skip
    article_type = forms.ModelChoiceField(ArticleType.objects.all(), label="Type", empty_label=None, show_hidden_initial=True)
    language = forms.ChoiceField(label="Language of the texts", show_hidden_initial=True)
    funding = forms.CharField(
        label="Who funded this work", required=False, show_hidden_initial=True, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="“None” is an answer, a blank is not. Readers see it.",
    )  # fmt: skip
    sponsor = forms.CharField(
        label="Sponsor or advertising", required=False, show_hidden_initial=True, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="“None” is an answer, a blank is not. Readers see it.",
    )  # fmt: skip
    searched_until = forms.DateField(
        label="Evidence searched until", required=False, show_hidden_initial=True, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The day of your last search for studies and guidelines. Readers see it beside the dates of the review.",
        error_messages={"invalid": "Give the day as 2026-05-31."},
    )  # fmt: skip
    draft_number = forms.IntegerField(min_value=1, max_value=MOST_SAVES, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = ["title", "summary", "article_type", "language", "funding", "sponsor", "searched_until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(LANGUAGES)
        current = self.instance.language
        field = self.fields["language"]
        field.choices = [*LANGUAGES, *([] if current in known else [(current, current)])]  # type: ignore[attr-defined]
        self.fields["draft_number"].initial = self.instance.draft_number

    def clean_title(self) -> str:
        """A title is one line of words."""
        title = " ".join(self.cleaned_data["title"].split())
        if not title:
            raise ValidationError(NO_TITLE)
        return title

    def clean_searched_until(self) -> date | None:
        """A search that was made: not before there were journals, nor on a day to come."""
        day: date | None = self.cleaned_data["searched_until"]
        if day and not FIRST_SEARCH <= day <= clock.today():
            raise ValidationError("This day is still to come." if day > clock.today() else f"This day is before {FIRST_SEARCH.year}.")
        return day

    def _post_clean(self) -> None:
        """Leave the instance as it was read: the act changes it, under its lock."""

    def changed(self) -> dict[str, Any]:
        """The fields that this person changed, compared with what the page showed them when they opened it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.Meta.fields}


class TopicsForm(forms.Form):
    """The topics of an article."""

    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), label="Topics", required=False, show_hidden_initial=True, widget=forms.CheckboxSelectMultiple
    )


class InterestsForm(forms.Form):
    """The interests of one person on the article; what was there when the page was opened comes along."""

    words = forms.CharField(required=False, show_hidden_initial=True, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, authorship: Authorship, data: Any = None) -> None:
        super().__init__(data, prefix=f"interests-{authorship.pk}", initial={"words": authorship.interests})
        self.authorship = authorship
        self.fields["words"].label = f"{authorship.person} ({authorship.get_role_display().lower()})"


class ReferenceForm(forms.ModelForm):
    """A work to cite: enough to find it again. The model makes DOI, PMID and address uniform, or refuses them."""

    # The model knows more of addresses and numbers than a field does: nothing is refused before it has read them.
    pmid = forms.CharField(label="PMID", required=False, max_length=100, help_text="The number in PubMed.")
    url = forms.CharField(label="Web address", required=False, max_length=1000, widget=forms.TextInput(attrs={"inputmode": "url"}))

    class Meta:
        model = Reference
        fields = ["kind", "title", "authors", "source", "year", "doi", "pmid", "url"]
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "authors": forms.TextInput,
            "year": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        error_messages = {"title": {"required": "Give the work a title."}, "kind": {"required": "Choose the kind of the work."}}
        labels = {"authors": "Authors", "source": "Journal, book or site", "url": "Web address", "kind": "Kind"}
        help_texts = {
            "authors": "Family name, first names; the next author. An organisation stands as it is.",
            "doi": "Such as 10.1000/182, or the whole address.",
        }

    def clean_pmid(self) -> str:
        """The number alone, before the model asks for one."""
        try:
            return citations.normalise_pmid(self.cleaned_data["pmid"]) if self.cleaned_data["pmid"] else ""
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def _post_clean(self) -> None:
        """Ask the model; a work that is in the registry already is no error, for its row is used."""
        exclude = self._get_validation_exclusions()  # type: ignore[attr-defined]
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        try:
            self.instance.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
            self.instance.validate_constraints(exclude={*exclude, "doi", "pmid"})
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]


class ArticleFileForm(forms.Form):
    """An article that somebody wrote elsewhere, as a file."""

    MOST = files.MAX_FILE

    file = forms.FileField(
        label="Article file", help_text="Word (.docx), JATS (.xml), Markdown (.md) or CNXML (.cnxml), up to 30 MB. Figures are not taken.",
        error_messages={"required": "Choose a file.", "empty": "There is nothing in this file."},
    )  # fmt: skip

    def clean_file(self) -> Any:
        """A file is refused for its size before a byte of it is read."""
        file = self.cleaned_data["file"]
        if file.size > self.MOST:
            raise ValidationError(f"This file is larger than {self.MOST // 1_000_000} MB.")
        return file


class ArticleImportForm(forms.Form):
    """What only the author can say of an article that was read from a file."""

    article_type = forms.ModelChoiceField(
        ArticleType.objects.all(), label="Type", empty_label=None, widget=forms.RadioSelect, help_text="The type decides who has to approve it.",
        error_messages={"required": "Choose the type of the article.", "invalid_choice": "Choose the type of the article."},
    )  # fmt: skip
    audience = forms.ChoiceField(label="Written for", choices=Audience.choices, widget=forms.RadioSelect, required=False)
    carried = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=4_000_000)


class ImportForm(forms.Form):
    """References to be brought in: pasted, or a file. One of the two."""

    MOST = 2_000_000

    pasted = forms.CharField(
        label="Paste references", required=False, strip=False, max_length=MOST, widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="RIS, BibTeX, NBIB, EndNote or CSL-JSON; or DOIs and PMIDs, one a line.",
        error_messages={"max_length": "This is more than 2 MB. Import fewer references at once."},
    )  # fmt: skip
    file = forms.FileField(
        label="Or choose a file", required=False, help_text="Up to 2 MB: .ris, .bib, .nbib, .enw, .xml, .json, .csv, .txt",
        error_messages={"empty": "There is nothing in this file."},
    )  # fmt: skip

    def clean_file(self) -> Any:
        """A file is refused for its size before a byte of it is read."""
        file = self.cleaned_data["file"]
        if file and file.size > self.MOST:
            raise ValidationError("This file is larger than 2 MB. Import fewer references at once, or ask an operator, who can import it whole.")
        return file

    def clean(self) -> dict[str, Any]:
        """There is a text or a file."""
        if not self.errors and not self.cleaned_data.get("file") and not self.cleaned_data.get("pasted", "").strip():
            self.add_error("pasted", "Paste references, or choose a file.")
        return self.cleaned_data

    def content(self) -> tuple[bytes, str]:
        """The bytes of what was sent, and the name of the file; a file goes before what was pasted."""
        file = self.cleaned_data.get("file")
        return (file.read(), file.name) if file else (self.cleaned_data["pasted"].encode("utf-8", "replace"), "")


class RetractedForm(forms.Form):
    """Why a retracted work is cited."""

    reason = forms.CharField(
        label="Why is this retracted work cited?", max_length=300, help_text="Readers see this beside the reference. The text has to say it too."
    )


class AnswerForm(forms.Form):
    """An author's answer to one comment, or a reply in its thread; what stood there when the page was opened comes along."""

    answer = forms.CharField(
        label="Your answer", required=False, max_length=10_000, show_hidden_initial=True, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_answer(self) -> str:
        """What was answered is bettered, and never taken back."""
        words: str = self.cleaned_data["answer"]
        if not words and self.has_changed():
            raise ValidationError("Write your answer.")
        return words


class WithdrawForm(forms.Form):
    """A note to the editors with a withdrawal."""

    note = forms.CharField(label="Note to the editors", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class PreviewForm(forms.Form):
    """What a preview link opens, and for how long."""

    text = forms.ChoiceField(label="What they may read", widget=forms.RadioSelect)
    days = forms.TypedChoiceField(
        label="Open for", coerce=int, initial=previews.DAYS[1], choices=[(days, f"{days} day{'s' if days > 1 else ''}") for days in previews.DAYS]
    )

    def __init__(self, *args: Any, texts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["text"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(key, name[0].upper() + name[1:]) for key, name in texts]
            field.initial = texts[0][0]
