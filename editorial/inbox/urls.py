"""The addresses of the inbox, for everyone who is signed in; and those that a mail or a calendar asks for without signing in."""

from django.urls import path

from editorial.inbox import outside, views

app_name = "inbox"

urlpatterns = [
    path("", views.home, name="home"),
    path("read/", views.read_all, name="read_all"),
    path("<uuid:pk>/read/", views.read, name="read"),
    path("preferences/", views.preferences, name="preferences"),
    path("calendar/make/", views.make_calendar, name="make_calendar"),
    path("calendar/revoke/", views.revoke_calendar, name="revoke_calendar"),
    path("unsubscribe/<str:token>/", outside.unsubscribe, name="unsubscribe"),
    path("calendar/<str:token>/mine.ics", outside.mine, name="calendar"),
    path("calendar/<str:token>/desk.ics", outside.desk, name="desk_calendar"),
]
