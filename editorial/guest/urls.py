"""The addresses for people without an account. A token stands in one of them alone; behind it the session says what may be seen."""

from django.urls import path

from editorial.guest import views

app_name = "guest"

urlpatterns = [
    path("", views.room, name="room"),
    path("declare/", views.declare, name="declare"),
    path("decline/", views.decline, name="decline"),
    path("code/", views.code, name="code"),
    path("sign/", views.sign, name="sign"),
    path("<str:token>/", views.door, name="door"),
]
