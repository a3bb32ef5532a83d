"""How a new password is asked for: by the address that an account has now."""

from allauth.account import forms
from allauth.account.adapter import get_adapter

from records.accounts import account_of


class ResetPasswordForm(forms.ResetPasswordForm):
    """Asks for an address; the link goes to the active account that has it now, and to no earlier owner of it."""

    def clean_email(self) -> str:
        """The address in one spelling; whether there is such an account is told by mail alone."""
        email: str = get_adapter().clean_email(self.cleaned_data["email"].lower())
        found = account_of(email)
        self.users = [found] if found is not None and found.is_active else []
        return email
