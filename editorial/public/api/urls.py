"""The addresses of the API: docs/reference/api.md says what each gives. Importing the modules enters their endpoints."""

from editorial.public.api import articles, board, endpoints, finding, openapi

__all__ = ["articles", "board", "finding", "openapi", "urlpatterns"]

urlpatterns = [one.pattern for one in endpoints.ENDPOINTS]
